import type { LookupTable } from "../platform/aws/lookup-table.ts";
import type { Database, Queryable } from "../platform/db/database.ts";
import type { RegistrationPolicy } from "./contracts/registration-policy.ts";
import type { KeyRing } from "./key-ring.ts";

export type AuthDeps = {
  readonly openDb: () => Promise<Database>;
  readonly lookups: LookupTable;
  /** The keys of this deployment, all of them known to those who verify. */
  readonly getKeys: () => Promise<KeyRing>;
  readonly registration: () => RegistrationPolicy;
  /**
   * What a workspace has from its first moment: its agents, its budget. Runs in the transaction that creates it. Given from outside
   * because orchestration, which owns those, is built on this concern.
   */
  readonly joinWorkspace: (db: Queryable, workspaceId: string, newId: () => string) => Promise<void>;
  readonly newId: (now?: number) => string;
};
