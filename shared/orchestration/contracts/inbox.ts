import * as z from "zod";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { JsonObject, JsonValue } from "../../platform/json.ts";

const Timestamp = z.iso.datetime({ offset: true });
const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "a decimal number of dollars such as 0.25");
const Note = z.string().trim().min(1).max(2_000);

const Kind = z.enum(["approval", "question", "outcome"]);
const State = z.enum(["open", "approved", "rejected", "answered", "resolved", "expired", "withdrawn"]);

export const InboxItem = z
  .strictObject({
    id: z.uuid(),
    kind: Kind.describe(
      "approval: a task or a tool waits to begin; question: a run asks how to go on; outcome: nobody knows whether something happened",
    ),
    state: State.describe("withdrawn: nobody needs to decide it any more"),
    run_id: z.uuid(),
    goal: z.string(),
    task: z.strictObject({ id: z.uuid(), ordinal: z.int(), name: z.string() }).nullable(),
    effect_id: z.uuid().nullable(),
    request_sha256: z.string().nullable().describe("what an approval is for, byte by byte; it is approved by naming it"),
    request: JsonValue.describe("what would be carried out; null in a list when it is longer than 16 KiB"),
    subject: JsonObject,
    expires_at: Timestamp.nullable(),
    created_at: Timestamp,
    decision: JsonObject.nullable(),
    decided_by: z.uuid().nullable(),
    decided_at: Timestamp.nullable(),
  })
  .meta({ id: "InboxItem" });
export type InboxItem = z.infer<typeof InboxItem>;

const read = { method: "GET", zone: "mind", auth: "user", scopes: ["inbox:read"], status: 200 } as const;
const ItemParams = z.strictObject({ item_id: z.uuid() });

export const listInbox = defineRoute({
  ...read,
  id: "list-inbox",
  path: "/v1/inbox",
  summary: "What waits for a person, newest first; with a state, what was decided",
  query: z.strictObject({ state: State.default("open"), kind: Kind.optional(), run_id: z.uuid().optional(), ...pageQuery }),
  response: pageOf(InboxItem),
});

export const getInboxItem = defineRoute({
  ...read,
  id: "get-inbox-item",
  path: "/v1/inbox/{item_id}",
  summary: "An item with the whole of its request",
  params: ItemParams,
  response: InboxItem,
});

const decide = {
  method: "POST",
  zone: "mind",
  auth: "user",
  scopes: ["inbox:write"],
  params: ItemParams,
  status: 200,
  response: InboxItem,
} as const;

export const approveInboxItem = defineRoute({
  ...decide,
  id: "approve-inbox-item",
  path: "/v1/inbox/{item_id}/approve",
  summary: "Approve exactly what was shown, once",
  body: z.strictObject({ request_sha256: z.string().regex(/^[0-9a-f]{64}$/, "the hash that the item shows") }),
});

export const rejectInboxItem = defineRoute({
  ...decide,
  id: "reject-inbox-item",
  path: "/v1/inbox/{item_id}/reject",
  summary: "Reject it with a note, which the agent reads",
  body: z.strictObject({ note: Note }),
});

export const answerInboxItem = defineRoute({
  ...decide,
  id: "answer-inbox-item",
  path: "/v1/inbox/{item_id}/answer",
  summary: "Answer a run that has no budget left: raise it, finish with what there is, or cancel",
  body: z.strictObject({
    answer: z.enum(["raise", "finish", "cancel"]),
    limit_usd: Usd.optional().describe("with raise, what the run may cost now. Other budgets are set by their own routes before"),
  }),
});

export const resolveInboxItem = defineRoute({
  ...decide,
  id: "resolve-inbox-item",
  path: "/v1/inbox/{item_id}/resolve",
  summary: "Say what became of something that nobody knows the outcome of",
  body: z.strictObject({
    outcome: z
      .enum(["happened", "did-not-happen", "give-up"])
      .describe("one that did not happen is carried out again; of one that is given up the agent is told that it failed"),
    result: JsonValue.optional().describe("only with happened: what the agent is told that it gave"),
  }),
});

export const ApprovalSettings = z
  .strictObject({
    tools: z.array(z.string().max(100)).max(100).describe("tools whose every call waits for a person"),
    expires_seconds: z.int().min(60).max(2_592_000).describe("how long a call waits before it fails"),
  })
  .meta({ id: "ApprovalSettings" });

export const getApprovalSettings = defineRoute({
  ...read,
  id: "get-approval-settings",
  path: "/v1/approvals/settings",
  summary: "Which tools need a person's word in this workspace",
  response: ApprovalSettings,
});

export const setApprovalSettings = defineRoute({
  id: "set-approval-settings",
  method: "PUT",
  path: "/v1/approvals/settings",
  zone: "mind",
  auth: "user",
  scopes: ["inbox:write"],
  summary: "Say which tools need a person's word, for calls from now on; for owners",
  body: ApprovalSettings,
  status: 200,
  response: ApprovalSettings,
});

export const changeApprovalSettings = defineRoute({
  id: "change-approval-settings",
  method: "PATCH",
  path: "/v1/approvals/settings",
  zone: "mind",
  auth: "user",
  scopes: ["inbox:write"],
  summary: "Say of single tools whether they need a person's word, for calls from now on; for owners",
  body: z.strictObject({
    tools: z.record(z.string().max(100), z.boolean()).optional().describe("by name; what is not named stays as it is"),
    expires_seconds: ApprovalSettings.shape.expires_seconds.optional(),
  }),
  status: 200,
  response: ApprovalSettings,
});

export const inboxRoutes = [
  listInbox,
  getInboxItem,
  approveInboxItem,
  rejectInboxItem,
  answerInboxItem,
  resolveInboxItem,
  getApprovalSettings,
  setApprovalSettings,
  changeApprovalSettings,
];
