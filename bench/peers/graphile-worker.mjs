import { run as startWorker } from "graphile-worker";
import pg from "pg";

/** Jobs under way, and connections: more of either changed nothing. */
const SLOTS = 50;
const CONNECTIONS = 10;

/**
 * The layer that graphile-worker does not have: a row for each task with the number of tasks it still waits for. The end of a task lowers
 * that of its children and adds the jobs of those that wait for nothing more, in one statement. Children are locked in one order.
 */
const END_TASK = `
  WITH ended AS (UPDATE bench_tasks SET is_done = true WHERE dag = $1 AND place = $2 AND NOT is_done RETURNING children),
    locked AS (SELECT place FROM bench_tasks WHERE dag = $1 AND place = ANY (ARRAY(SELECT unnest(children) FROM ended)) ORDER BY place FOR UPDATE),
    lowered AS (UPDATE bench_tasks t SET waits_for = waits_for - 1 FROM locked WHERE t.dag = $1 AND t.place = locked.place RETURNING t.place, t.waits_for)
  SELECT graphile_worker.add_job('task', json_build_object('dag', $1::bigint, 'place', place)) FROM lowered WHERE waits_for = 0`;

export async function openGraphileWorker(url) {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS });
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  await pool.query(`CREATE TABLE bench_tasks (dag bigint, place int, waits_for int NOT NULL, children int[] NOT NULL,
    is_done boolean NOT NULL DEFAULT false, PRIMARY KEY (dag, place)) WITH (fillfactor = 60)`);
  const dags = new Map();
  await startWorker({
    pgPool: pool,
    noHandleSignals: true,
    logger: quiet(),
    preset: { worker: { concurrentJobs: SLOTS, localQueue: { size: SLOTS } } },
    taskList: {
      async task({ dag, place }, { withPgClient }) {
        await withPgClient((client) => client.query({ name: "end-task", text: END_TASK, values: [dag, place] }));
        dags.get(dag)?.ended();
      },
    },
  });
  let lastDag = 0;
  return {
    /** Seconds from the first job until the end of the last task is committed; the rows of the tasks are there before. */
    async run(shape, count) {
      const ids = Array.from({ length: count }, () => (lastDag += 1));
      for (const dag of ids) await layOut(pool, dag, shape);
      const ends = ids.map((dag) => new Promise((resolve) => dags.set(dag, countDown(shape.length, resolve))));
      const begun = performance.now();
      const roots = shape.flatMap((parents, place) => (parents.length === 0 ? [place] : []));
      await pool.query(
        "SELECT graphile_worker.add_job('task', json_build_object('dag', dag, 'place', place)) FROM unnest($1::bigint[]) dag, unnest($2::int[]) place",
        [ids, roots],
      );
      await Promise.all(ends);
      const seconds = (performance.now() - begun) / 1_000;
      const { rows } = await pool.query("SELECT count(*)::int AS left_out FROM bench_tasks WHERE dag = ANY ($1) AND NOT is_done", [ids]);
      if (rows[0].left_out > 0) throw new Error("graphile-worker left tasks out");
      return seconds;
    },
  };
}

function countDown(count, onZero) {
  let left = count;
  return {
    ended() {
      left -= 1;
      if (left === 0) onZero();
    },
  };
}

async function layOut(pool, dag, shape) {
  const children = shape.map(() => []);
  for (const [place, parents] of shape.entries()) for (const parent of parents) children[parent].push(place);
  const tasks = shape.map((parents, place) => ({ place, waits_for: parents.length, children: children[place] }));
  await pool.query(
    `INSERT INTO bench_tasks (dag, place, waits_for, children)
      SELECT $1, place, waits_for, children FROM jsonb_to_recordset($2::jsonb) AS t (place int, waits_for int, children int[])`,
    [dag, JSON.stringify(tasks)],
  );
}

function quiet() {
  const log = (level, message) => (level === "error" ? process.stderr.write(`${message}\n`) : undefined);
  return { error: (message) => log("error", message), warn: () => undefined, info: () => undefined, debug: () => undefined, scope: quiet };
}
