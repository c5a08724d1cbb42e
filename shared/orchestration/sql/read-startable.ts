import * as z from "zod";
import { TaskPolicy } from "../../agents/contracts/task-policy.ts";
import { EffectError } from "../../effects/contracts/effect.ts";
import type { Queryable } from "../../platform/db/database.ts";
import { ToolRequest } from "../../tools/contracts/tool-request.ts";
import { Replan } from "../domain/batch.ts";

const Parent = z.object({
  task_id: z.uuid(),
  ordinal: z.int(),
  name: z.string(),
  status: z.string(),
  payload_id: z.uuid().nullable(),
  sha256: z.string().nullable(),
  bytes: z.int().nullable(),
});

export const RunOptions = z.object({
  /** What stands behind an agent whose model is 'default'. */
  model: z.string(),
  files: z.array(z.object({ path: z.string(), bytes: z.int() })),
  /** The payload that holds the plan which the caller gave; a planner makes it otherwise. */
  plan_payload_id: z.exactOptional(z.uuid()),
  /** How deep below the plan a task may still be divided; 0, or absent: none may. */
  max_subtask_depth: z.exactOptional(z.int()),
  /** Of a call from outside: the payload that holds its ToolRequest, and the run in whose workspace the tool works. */
  call: z.exactOptional(z.object({ payload_id: z.uuid(), workspace_run_id: z.uuid() })),
});
export type RunOptions = z.infer<typeof RunOptions>;

const startable = {
  task_id: z.uuid(),
  run_id: z.uuid(),
  ordinal: z.int(),
  name: z.string(),
  description: z.string(),
  goal: z.string(),
  /** Why the run was planned again, each time. */
  replans: z.array(Replan),
  options: RunOptions,
  policy: TaskPolicy,
  /** What a fork edited of how the agent thinks. */
  overrides: z.object({ model: z.string().optional(), prompt_version: z.string().optional() }).nullable(),
  /** Attempts before this one. */
  attempts: z.int(),
  /** How often it was changed before it began. */
  revision: z.int(),
  on_fallback: z.boolean(),
  /** Why the attempt before this one failed. */
  error: EffectError.nullable(),
  agent_id: z.uuid(),
  agent: z.object({
    model: z.string(),
    max_tokens: z.int(),
    temperature: z.number().nullable(),
    prompt_version: z.string(),
    capabilities: z.array(z.string()),
    status: z.string(),
    current_task_count: z.int(),
    max_concurrent_tasks: z.int(),
    consecutive_failures: z.int(),
    cool_down_until: z.string().nullable(),
    last_failure: z.object({ code: z.string(), at: z.string() }).nullable(),
  }),
  workspace_id: z.uuid(),
  complexity: z.enum(["low", "medium", "high"]),
  required_capabilities: z.array(z.string()),
  /** How the attempt before this one failed, if there was one. */
  failed_before: z.object({ agent_id: z.uuid(), code: z.string().nullable() }).nullable(),
  /** 0 for a task of the plan, one more for each of its subtasks. */
  subtask_depth: z.int(),
  /** Of a task that has subtasks: what it noted when it proposed them, their ordinals, and how many attempts of this run did nothing but that. */
  divided: z.object({ notes: z.string().nullable(), ordinals: z.array(z.int()), attempts: z.int() }).nullable(),
  /** An executor's parents; every executor task of the run for critic and summarizer, and for whoever plans it again. */
  parents: z.array(Parent),
};

/** A task as it would start now: with its agent, and with the results that it will be given or the call that it is. */
export const StartableTask = z.discriminatedUnion("kind", [
  z.object({ ...startable, kind: z.enum(["planner", "executor", "critic", "summarizer"]) }),
  z.object({ ...startable, kind: z.literal("call"), call: ToolRequest }),
]);
export type StartableTask = z.infer<typeof StartableTask>;

const PARENT = `jsonb_build_object('task_id', p.id, 'ordinal', p.ordinal, 'name', p.name, 'status', p.status, 'payload_id', p.result_payload_id,
  'sha256', p.result_sha256, 'bytes', octet_length(body.body::text))`;

const PHASE_OF_KIND =
  "CASE t.kind WHEN 'planner' THEN 'plan' WHEN 'executor' THEN 'execute' WHEN 'critic' THEN 'review' WHEN 'call' THEN 'call' ELSE 'summarize' END";

/**
 * `divided`: a fork's first attempt may follow subtasks that were forked with it. `parents`: what did not complete was planned anew, so only who
 * plans needs to know of it.
 */
const SELECT_STARTABLE = `
  SELECT t.id AS task_id, t.run_id, t.kind, t.ordinal, t.name, t.description, r.goal, r.replans, r.options, t.policy, t.overrides, t.attempts, t.revision, t.on_fallback, t.error, t.agent_id,
    jsonb_build_object('model', a.model, 'max_tokens', a.max_tokens, 'temperature', a.temperature, 'prompt_version', a.prompt_version,
      'capabilities', a.capabilities, 'status', a.status, 'current_task_count', a.current_task_count,
      'max_concurrent_tasks', a.max_concurrent_tasks, 'consecutive_failures', a.consecutive_failures, 'cool_down_until', a.cool_down_until,
      'last_failure', a.last_failure) AS agent, t.workspace_id, t.complexity, t.required_capabilities,
    CASE WHEN t.attempts > 0 THEN (SELECT jsonb_build_object('agent_id', x.agent_id, 'code', x.error ->> 'code') FROM task_attempts x
      WHERE x.task_id = t.id ORDER BY x.number DESC LIMIT 1) END AS failed_before, call.body AS call, t.subtask_depth,
    CASE WHEN t.attempts > 0 OR t.forked_from IS NOT NULL THEN (
      SELECT jsonb_build_object('notes', max(s.proposer_notes), 'ordinals', jsonb_agg(s.ordinal ORDER BY s.ordinal),
        'attempts', bool_and(s.forked_from IS NULL)::int)
      FROM tasks s WHERE s.parent_task_id = t.id HAVING count(*) > 0
    ) END AS divided,
    COALESCE(CASE t.kind
      WHEN 'executor' THEN (SELECT jsonb_agg(${PARENT} ORDER BY p.ordinal) FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on
        LEFT JOIN payloads body ON body.id = p.result_payload_id WHERE d.task_id = t.id)
      ELSE (SELECT jsonb_agg(${PARENT} ORDER BY p.ordinal) FROM tasks p
        LEFT JOIN payloads body ON body.id = p.result_payload_id WHERE p.run_id = t.run_id AND p.kind = 'executor'
          AND (t.kind = 'planner' OR r.replans = '[]' OR p.status = 'completed'))
    END, '[]') AS parents
  FROM tasks t JOIN runs r ON r.id = t.run_id JOIN agents a ON a.id = t.agent_id
    LEFT JOIN payloads call ON call.id = (r.options #>> '{call,payload_id}')::uuid`;

/** A task that is tried again may have to wait. `now` must be the clock that judges it: what was read by another would be refused. */
const isItsTime = (now: string) => `(t.not_before IS NULL OR t.not_before <= ${now}::timestamptz)`;

/** What holds up most of its plan comes first, then what has waited longest: ids rise with time. */
const BY_PRIORITY = "ORDER BY t.priority DESC, t.id";

/** Tasks that are begun by one commit. */
export const MAX_STARTS = 100;

/**
 * Up to `MAX_STARTS` of these tasks as they would start now, if they still wait to. The first of each agent come before the second of any, so
 * that those of an agent without room hide none of another's.
 */
export async function readStartable(db: Queryable, taskIds: readonly string[], now: Date): Promise<StartableTask[]> {
  const { rows } = await db.query(
    `${SELECT_STARTABLE} WHERE t.id = ANY (ARRAY(
        SELECT w.id FROM (SELECT t.id, row_number() OVER (PARTITION BY t.agent_id ${BY_PRIORITY}) AS place FROM tasks t
          WHERE t.id = ANY ($1) AND t.status = 'pending' AND ${isItsTime("$2")}) w
        ORDER BY w.place, w.id LIMIT ${MAX_STARTS})) ${BY_PRIORITY}`,
    [taskIds, now],
  );
  return z.array(StartableTask).parse(rows);
}

/**
 * Up to `MAX_STARTS` tasks of these runs that wait for nothing but room. The first of each run and agent come before the second of any, so
 * that a backlog which nobody can begin now hides none that somebody can.
 */
export async function readReadyOfRuns(db: Queryable, runIds: readonly string[], now: Date): Promise<StartableTask[]> {
  const { rows } = await db.query(
    `${SELECT_STARTABLE} WHERE t.id = ANY (ARRAY(
        SELECT w.id FROM runs r JOIN agents g ON g.workspace_id = r.workspace_id CROSS JOIN LATERAL (
          SELECT t.id, t.priority, row_number() OVER (ORDER BY t.priority DESC, t.id) AS place FROM tasks t
          WHERE t.run_id = r.id AND t.agent_id = g.id AND t.status = 'pending' AND t.pending_dependencies = 0 AND NOT t.is_paused
            AND ${isItsTime("$2")} AND (SELECT r.phase = ${PHASE_OF_KIND})
          ORDER BY t.priority DESC, t.id LIMIT ${MAX_STARTS}) w
        WHERE r.id = ANY ($1) AND r.status = 'running' ORDER BY w.place, w.priority DESC, w.id LIMIT ${MAX_STARTS})) ${BY_PRIORITY}`,
    [runIds, now],
  );
  return z.array(StartableTask).parse(rows);
}

/** Tasks that an agent and its workspace may begin beside those that run. */
const ROOM = "LEAST(g.max_concurrent_tasks - g.current_task_count, b.max_running_tasks - b.running_tasks)";

/** An agent, and how many of its tasks a batch is about to end. */
export type Leaving = { agent_id: string; leaving: number };

/**
 * What holds up most of what waits for room on agents: at most as many as have room there and in their workspace, now or when those that
 * leave have left. $1, $2: `Leaving`; $3: now; $4: tasks to leave out.
 */
const BACKLOG = `
  SELECT w.id FROM unnest($1::uuid[], $2::int[]) AS asked (id, leaving) JOIN agents g ON g.id = asked.id
    JOIN budgets b ON b.workspace_id = g.workspace_id AND b.scope = 'workspace' CROSS JOIN LATERAL (
    SELECT t.id FROM tasks t WHERE t.agent_id = g.id AND t.status = 'pending' AND t.pending_dependencies = 0 AND NOT t.is_paused
      AND t.id <> ALL ($4::uuid[]) AND ${isItsTime("$3")} AND (SELECT r.status = 'running' AND r.phase = ${PHASE_OF_KIND} FROM runs r WHERE r.id = t.run_id)
    ORDER BY t.priority DESC, t.id
    LIMIT GREATEST(${ROOM} + asked.leaving, 0)) w`;

/**
 * Those that wait for nothing but some of the tasks $5, as far as one can see before they are locked, and as many as will have room. The rest
 * waits for room like any other. Each is looked up by its id: joined, all tasks of a database that was small once were read.
 */
const CHILDREN = `
  SELECT w.id FROM (
    SELECT c.id, c.agent_id, row_number() OVER (PARTITION BY c.agent_id ORDER BY c.priority DESC, c.id) AS place
    FROM (SELECT d.task_id, count(*) AS ended FROM task_dependencies d WHERE d.depends_on = ANY ($5::uuid[]) GROUP BY d.task_id) child
      CROSS JOIN LATERAL (SELECT t.id, t.agent_id, t.priority FROM tasks t
        WHERE t.id = child.task_id AND t.status = 'pending' AND t.pending_dependencies <= child.ended OFFSET 0) c) w
    CROSS JOIN LATERAL (SELECT ${ROOM} AS room FROM agents g JOIN budgets b ON b.workspace_id = g.workspace_id AND b.scope = 'workspace'
      WHERE g.id = w.agent_id OFFSET 0) has
    LEFT JOIN unnest($1::uuid[], $2::int[]) AS asked (id, leaving) ON asked.id = w.agent_id
  WHERE w.place <= has.room + COALESCE(asked.leaving, 0)`;

/** What waits for room on these agents. */
export async function readBacklogOfAgents(db: Queryable, agents: readonly Leaving[], now: Date): Promise<StartableTask[]> {
  const { rows } = await db.query(`${SELECT_STARTABLE} WHERE t.id = ANY (ARRAY(${BACKLOG})) ${BY_PRIORITY}`, [
    ...columnsOf(agents),
    now,
    [],
  ]);
  return z.array(StartableTask).parse(rows);
}

/** `starting`: tasks that somebody else is about to begin. `completed`: tasks that the batch completes. */
export type Following = { agents: readonly Leaving[]; starting: readonly string[]; completed: readonly string[]; now: Date };

/** What may begin when a batch has ended: tasks that waited for the room that it leaves, and those that waited for what it completes. */
export async function readFollowing(db: Queryable, { agents, starting, completed, now }: Following): Promise<StartableTask[]> {
  const { rows } = await db.query(`${SELECT_STARTABLE} WHERE t.id = ANY (ARRAY(${BACKLOG} UNION ${CHILDREN})) ${BY_PRIORITY}`, [
    ...columnsOf(agents),
    now,
    starting,
    completed,
  ]);
  return z.array(StartableTask).parse(rows);
}

function columnsOf(agents: readonly Leaving[]): [ids: string[], leaving: number[]] {
  return [agents.map((agent) => agent.agent_id), agents.map((agent) => agent.leaving)];
}
