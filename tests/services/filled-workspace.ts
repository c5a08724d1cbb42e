import type { TaskPolicy } from "../../shared/agents/contracts/task-policy.ts";
import { insertApiKey } from "../../shared/auth/sql/api-keys.ts";
import { insertSession } from "../../shared/auth/sql/users.ts";
import { decideInboxItem } from "../../shared/orchestration/approvals/decide-inbox-item.ts";
import { upsertApprovalSettings } from "../../shared/orchestration/approvals/sql/approval-settings.ts";
import { listItems } from "../../shared/orchestration/approvals/sql/read-items.ts";
import type { Database } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { openWorld, postGoal, pricesOf, settleWorld, type World } from "../world/open-world.ts";
import { callTools, callToolThenSucceed, planOf, type ScriptedExecutor, succeedWith } from "../world/scripted-hands.ts";

const firstPage = { before: undefined, limit: 1 };

/** Is refused what it proposes, calls a tool, and answers when both are answered. */
const executor: ScriptedExecutor = (call) => {
  if (call.turns.length === 0) return callTools(["propose_subtasks", { subtasks: [] }]);
  return call.turns.length > 2 ? succeedWith("done") : callToolThenSucceed({ ...call, turns: [] });
};

export type FilledWorkspace = { world: World; runId: string; actor: { role: "app"; workspaceId: string; userId: string } };

/** A workspace with rows in every table that belongs to a tenant: a whole run with tools and prices, and what people leave beside it. */
export async function fillWorkspace(db: Database): Promise<FilledWorkspace> {
  const world = await openWorld(db, { prices: pricesOf(100n, 60n) });
  const { workspaceId } = world;
  const actor = { role: "app", workspaceId, userId: workspaceId } as const;
  await db.transact(actor, (connection) =>
    upsertApprovalSettings(connection, workspaceId, { tools: ["write_file"], expires_seconds: 60 }, world.deps.now()),
  );
  const runId = await postGoal(world, "fill every table", 1_000_000n);
  const plan = planOf({ a: [], b: ["a"] });
  const policy: TaskPolicy = { acceptance: [{ kind: "regex", pattern: "^done$" }] };
  const script = { plan: { ...plan, tasks: plan.tasks.map((task) => ({ ...task, policy })) }, executor };
  for (;;) {
    await settleWorld(world, script);
    const [item] = await db.transact(actor, (connection) =>
      listItems(connection, { ...firstPage, state: "open", kind: "approval", runId: undefined }),
    );
    if (item === undefined) break;
    await decideInboxItem(world.deps, actor, item.id, { verb: "approve", request_sha256: item.request_sha256 ?? "" });
  }
  await db.transact(actor, async (connection) => {
    const createdAt = world.deps.now();
    const expiresAt = new Date(createdAt.getTime() + 60_000);
    const person = { workspaceId, userId: workspaceId };
    const session = { id: uuidv7(), ...person, tokenSha256: uuidv7(), expiresAt, createdAt, ipAddress: "127.0.0.1", userAgent: "test" };
    await insertSession(connection, session);
    const key = { id: uuidv7(), ...person, name: "key", prefix: "cos_", sha256: uuidv7().padEnd(64, "0"), scopes: [], createdAt };
    await insertApiKey(connection, { ...key, expiresAt: undefined });
    await connection.query("INSERT INTO memberships (workspace_id, user_id, role) VALUES ($1, $1, 'owner')", [workspaceId]);
    const conversation = uuidv7();
    await connection.query("INSERT INTO conversations (id, workspace_id, user_id) VALUES ($1, $2, $2)", [conversation, workspaceId]);
    await connection.query("INSERT INTO messages (id, workspace_id, conversation_id, role, content) VALUES ($1, $2, $3, 'user', 'hello')", [
      uuidv7(),
      workspaceId,
      conversation,
    ]);
    await connection.query(
      "INSERT INTO inbox_items (id, workspace_id, run_id, kind, subject, created_at) VALUES ($1, $2, $3, 'question', '{}', $4)",
      [uuidv7(), workspaceId, runId, createdAt],
    );
    await connection.query("INSERT INTO api_usage (id, workspace_id, endpoint, method, status_code) VALUES ($1, $2, '/', 'GET', 200)", [
      uuidv7(),
      workspaceId,
    ]);
  });
  return { world, runId, actor };
}
