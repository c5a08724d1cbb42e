import * as z from "zod";
import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { cutPage, decodeCursor } from "../../platform/api/cursor.ts";
import { joinPointer } from "../../platform/api/pointer.ts";
import type { Identity } from "../../platform/api/route.ts";
import type { Database, Queryable } from "../../platform/db/database.ts";
import { AppError, conflict, invalidRequest, notFound } from "../../platform/errors.ts";
import { parseUsd } from "../../platform/money.ts";
import { workingToolNames } from "../../tools/safety.ts";
import { findMembership } from "../budgets/sql.ts";
import {
  answerInboxItem,
  approveInboxItem,
  changeApprovalSettings,
  getApprovalSettings,
  getInboxItem,
  listInbox,
  rejectInboxItem,
  resolveInboxItem,
  setApprovalSettings,
} from "../contracts/inbox.ts";
import { draftPayload } from "../decide/draft.ts";
import type { RunDeps } from "../deps.ts";
import type { Decision } from "../domain/inbox/decide-item.ts";
import { decideInboxItem } from "./decide-inbox-item.ts";
import { findApprovalSettings, listToolsOfApproval, mergeApprovalSettings, upsertApprovalSettings } from "./sql/approval-settings.ts";
import { findItem, listItems } from "./sql/read-items.ts";

const DEFAULT_SETTINGS = { tools: [], expires_seconds: 86_400 };

export function bindInbox(openDb: () => Promise<Database>, openRuns: () => Promise<RunDeps>): Binding[] {
  return [...bindReading(openDb), ...bindDeciding(openRuns), ...bindSettings(openDb)];
}

function bindReading(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(listInbox, async ({ identity, query }) => {
      const before = decodeCursor(z.uuid(), query.cursor);
      const db = await openDb();
      const filter = { state: query.state, kind: query.kind, runId: query.run_id, before, limit: query.limit + 1 };
      const rows = await db.transact(actorOf(identity), (connection) => listItems(connection, filter));
      return { body: cutPage(rows, query.limit, (row) => row.id) };
    }),
    bindRoute(getInboxItem, async ({ identity, params }) => {
      const db = await openDb();
      const item = await db.transact(actorOf(identity), (connection) => findItem(connection, params.item_id));
      if (item === undefined) throw notFound("The item");
      return { body: item };
    }),
  ];
}

function bindDeciding(openRuns: () => Promise<RunDeps>): Binding[] {
  const decide = async (identity: Identity, itemId: string, decision: Decision) => ({
    body: await decideInboxItem(await openRuns(), actorOf(identity), itemId, decision),
  });
  return [
    bindRoute(approveInboxItem, ({ identity, params, body }) => decide(identity, params.item_id, { verb: "approve", ...body })),
    bindRoute(rejectInboxItem, ({ identity, params, body }) => decide(identity, params.item_id, { verb: "reject", ...body })),
    bindRoute(answerInboxItem, ({ identity, params, body: { answer, limit_usd } }) =>
      decide(identity, params.item_id, { verb: "answer", answer, limit: limit_usd === undefined ? undefined : parseUsd(limit_usd) }),
    ),
    bindRoute(resolveInboxItem, async ({ identity, params, body }) => {
      if (body.outcome !== "happened" && body.result !== undefined)
        throw invalidRequest("Only what happened has a result", [{ pointer: "#/result", detail: "not with this outcome" }]);
      if (body.outcome !== "happened") return decide(identity, params.item_id, { verb: "resolve", outcome: body.outcome });
      const result = draftPayload(await openRuns(), body.result ?? { confirmed_by: identity.userId });
      return decide(identity, params.item_id, { verb: "resolve", outcome: "happened", result });
    }),
  ];
}

function bindSettings(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(getApprovalSettings, async ({ identity }) => {
      const db = await openDb();
      const settings = (await db.transact(actorOf(identity), findApprovalSettings)) ?? DEFAULT_SETTINGS;
      return { body: { ...settings, tools: [...settings.tools] } };
    }),
    bindRoute(setApprovalSettings, async ({ identity, body, now }) => {
      const settings = { tools: [...new Set(body.tools)].toSorted(), expires_seconds: body.expires_seconds };
      const unknown = settings.tools.filter((tool) => !workingToolNames.includes(tool));
      if (unknown.length > 0) {
        const detail = `no such tool: ${unknown.join(", ")}`;
        throw invalidRequest("A tool does not exist", [{ pointer: "#/tools", detail }]);
      }
      const db = await openDb();
      await db.transact(actorOf(identity), async (connection) => {
        await refuseOthers(connection, identity);
        await upsertApprovalSettings(connection, identity.workspaceId, settings, now);
      });
      return { body: settings };
    }),
    bindRoute(changeApprovalSettings, async ({ identity, body: { tools = {}, expires_seconds }, now }) => {
      const unknown = Object.keys(tools).filter((tool) => !workingToolNames.includes(tool));
      if (unknown.length > 0)
        throw invalidRequest(
          "A tool does not exist",
          unknown.map((tool) => ({ pointer: joinPointer(["tools", tool]), detail: "no such tool" })),
        );
      const [add, remove] = [true, false].map((wanted) =>
        Object.keys(tools)
          .filter((tool) => tools[tool] === wanted)
          .toSorted(),
      );
      const db = await openDb();
      const settings = await db.transact(actorOf(identity), async (connection) => {
        await refuseOthers(connection, identity);
        const everywhere = await listToolsOfApproval(connection, remove ?? []);
        if (everywhere.length > 0) throw conflict(`These need a person's word in every workspace: ${everywhere.join(", ")}`);
        return mergeApprovalSettings(connection, identity.workspaceId, { add: add ?? [], remove: remove ?? [], expires_seconds }, now);
      });
      return { body: { ...settings, tools: [...settings.tools] } };
    }),
  ];
}

async function refuseOthers(db: Queryable, { userId }: Identity): Promise<void> {
  const membership = await findMembership(db, userId);
  if (membership !== "owner") throw new AppError("forbidden", "Only an owner of the workspace says what needs approval");
}
