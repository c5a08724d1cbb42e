import * as z from "zod";
import type { Queryable } from "../../platform/db/database.ts";
import { RunStatus } from "../contracts/run-status.ts";

const Nano = z.string().transform(BigInt);

const ComparedRunRow = z.object({
  id: z.uuid(),
  status: RunStatus,
  spent_nano: Nano,
  duration_ms: z.int().nullable(),
  verdict: z.object({ approved: z.boolean(), score: z.number() }).nullable(),
  tasks: z.array(
    z.object({
      id: z.uuid(),
      kind: z.enum(["planner", "executor", "critic", "summarizer", "call"]),
      ordinal: z.int(),
      name: z.string(),
      description: z.string(),
      status: z.enum(["pending", "in_progress", "completed", "failed", "cancelled"]),
      forked_from: z.uuid().nullable(),
      depends_on: z.array(z.int()),
      result: z.string().nullable(),
      cost_nano: Nano,
      duration_ms: z.int().nullable(),
      brief: z.object({ model: z.string(), prompt: z.string(), variables: z.string(), inputs: z.string() }).nullable(),
      effects: z.array(z.object({ seq: z.int(), request: z.string(), result: z.string().nullable() })),
    }),
  ),
});
export type ComparedRunRow = z.infer<typeof ComparedRunRow>;

const MILLISECONDS = (from: string, to: string) => `(EXTRACT(EPOCH FROM ${to} - ${from}) * 1000)::int`;

/**
 * Runs of the workspace by what can be compared of them. Requests and answers are told by hashes that leave out what is another in each run: ids of
 * tasks, of payloads, of calls and of the provider's request. Of the inputs the hashes of the results count.
 */
export async function readComparedRuns(db: Queryable, runIds: readonly string[]): Promise<ComparedRunRow[]> {
  const { rows } = await db.query(
    `SELECT r.id, r.status, b.spent_nano::text, ${MILLISECONDS("r.started_at", "r.finished_at")} AS duration_ms,
      (SELECT jsonb_build_object('approved', p.body -> 'approved', 'score', p.body -> 'overall_score') FROM tasks t JOIN payloads p ON p.id = t.result_payload_id
        WHERE t.run_id = r.id AND t.kind = 'critic' AND p.body ? 'approved' ORDER BY t.created_at DESC, t.id DESC LIMIT 1) AS verdict,
      COALESCE((
        SELECT jsonb_agg(jsonb_build_object('id', t.id, 'kind', t.kind, 'ordinal', t.ordinal, 'name', t.name, 'description', t.description,
          'status', t.status, 'forked_from', t.forked_from, 'result', t.result_sha256, 'duration_ms', ${MILLISECONDS("t.started_at", "t.completed_at")},
          'depends_on', ARRAY(SELECT p.ordinal FROM task_dependencies d JOIN tasks p ON p.id = d.depends_on WHERE d.task_id = t.id ORDER BY 1),
          'cost_nano', COALESCE((SELECT sum(u.cost_nano) FROM llm_usage u WHERE u.run_id = r.id AND u.task_id = t.id), 0)::text,
          'brief', CASE WHEN a.body ? 'model' THEN jsonb_build_object('model', a.body ->> 'model', 'prompt', (a.body -> 'prompt')::text,
            'variables', md5((a.body -> 'variables')::text), 'inputs', COALESCE((SELECT string_agg(COALESCE(i #>> '{result,sha256}', ''), ',' ORDER BY n)
              FROM jsonb_array_elements(a.body -> 'inputs') WITH ORDINALITY AS input (i, n)), '')) END,
          'effects', COALESCE((
            SELECT jsonb_agg(jsonb_build_object('seq', e.seq, 'request', e.kind || ' ' || md5((q.body - 'inputs' - 'call_id')::text),
              'result', COALESCE(md5((CASE jsonb_typeof(s.body) WHEN 'object' THEN s.body - 'provider_request_id' ELSE s.body END)::text), e.error ->> 'code'))
              ORDER BY e.seq)
            FROM effects e JOIN payloads q ON q.id = e.request_payload_id LEFT JOIN payloads s ON s.id = e.result_payload_id
            WHERE e.attempt_id = a.id), '[]')) ORDER BY t.created_at, t.ordinal, t.id)
        FROM tasks t LEFT JOIN LATERAL (
          SELECT n.id, p.body FROM task_attempts n JOIN payloads p ON p.id = n.briefing_payload_id WHERE n.task_id = t.id ORDER BY n.number DESC LIMIT 1) a ON true
        WHERE t.run_id = r.id AND t.kind <> 'goal'), '[]') AS tasks
    FROM runs r JOIN budgets b ON b.id = r.budget_id WHERE r.id = ANY ($1)`,
    [runIds],
  );
  return z.array(ComparedRunRow).parse(rows);
}
