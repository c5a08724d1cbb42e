import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import { replanRun } from "../contracts/replan.ts";
import type { RunDeps } from "../deps.ts";

export function bindReplan(openRuns: () => Promise<RunDeps>): Binding[] {
  return [
    bindRoute(replanRun, async ({ identity, params, body }, id) => {
      const replan = await import("./replan-run.ts");
      const answer = await replan.replanRun(await openRuns(), actorOf(identity), params.run_id, { id, note: body.note });
      return { body: answer, headers: { location: `/v1/runs/${params.run_id}` } };
    }),
  ];
}
