import * as z from "zod";
import { JsonObject } from "../../../platform/json.ts";

/** approval: a task or a tool waits to begin. question: a run asks how to go on. outcome: nobody knows whether a `once` effect happened. */
export const InboxKind = z.enum(["approval", "question", "outcome"]);
export type InboxKind = z.infer<typeof InboxKind>;

export const InboxState = z.enum(["open", "approved", "rejected", "answered", "resolved", "expired", "withdrawn"]);
export type InboxState = z.infer<typeof InboxState>;

/** What waits for a person's word; decided once. */
export const InboxItemRow = z.object({
  id: z.uuid(),
  workspace_id: z.uuid(),
  run_id: z.uuid(),
  task_id: z.uuid().nullable(),
  effect_id: z.uuid().nullable(),
  kind: InboxKind,
  state: InboxState,
  /** What an approval is for, and nothing else. */
  request_sha256: z.string().nullable(),
  subject: JsonObject,
  expires_at: z.string().nullable(),
});
export type InboxItemRow = z.infer<typeof InboxItemRow>;

export type BoardItem = InboxItemRow & { decision: JsonObject | null; decided_by: string | null; decided_at: string | null };

/** Which tools of a workspace wait for a person's word, and for how long. */
export type ApprovalRule = { tools: readonly string[]; expires_seconds: number };
