import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { forkRun, previewFork } from "../contracts/forks.ts";
import type { RunFiles } from "../runs/bind-runs.ts";
import type { Runs } from "../runs/open-runs.ts";

export function bindForks(openRuns: () => Promise<Runs>, files: RunFiles): Binding[] {
  const load = () => import("./fork-run.ts");
  return [
    bindRoute(previewFork, async ({ identity, params, body }) => {
      const fork = await load();
      return { body: await fork.previewFork(await openRuns(), actorOf(identity), params.run_id, body) };
    }),
    bindRoute(forkRun, async ({ identity, params, body }, forkId) => {
      const fork = await load();
      const bill = await fork.forkRun({ ...(await openRuns()), files }, actorOf(identity), params.run_id, forkId, body);
      return { body: { ...bill, run_id: forkId, status: "pending" as const }, headers: { location: `/v1/runs/${forkId}` } };
    }),
  ];
}
