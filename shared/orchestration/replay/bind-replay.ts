import { actorOf } from "../../auth/actor-of.ts";
import { type Binding, bindRoute } from "../../platform/api/bind-route.ts";
import type { Database } from "../../platform/db/database.ts";
import { replayRun } from "../contracts/replay.ts";

export function bindReplay(openDb: () => Promise<Database>): Binding[] {
  return [
    bindRoute(replayRun, async ({ identity, params }) => {
      const replay = await import("./replay-run.ts");
      return { body: await replay.replayRun(await openDb(), actorOf(identity), params.run_id) };
    }),
  ];
}
