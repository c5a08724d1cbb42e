import { bindAccounts } from "../../shared/auth/bind-accounts.ts";
import { bindApiKeys } from "../../shared/auth/bind-api-keys.ts";
import type { AuthDeps } from "../../shared/auth/deps.ts";
import { openAuth } from "../../shared/auth/open-auth.ts";
import { handleService } from "../../shared/platform/api/handle.ts";

/** A new account gets a workspace with agents. What that takes is loaded by whoever registers, not by each who logs in. */
const joinWorkspace: AuthDeps["joinWorkspace"] = async (...given) =>
  (await import("../../shared/orchestration/runs/join-workspace.ts")).joinWorkspace(...given);

const deps = openAuth(joinWorkspace);

export const handler = handleService("auth", [...bindAccounts(deps), ...bindApiKeys(deps)]);
