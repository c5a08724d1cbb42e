import { describe, expect, test } from "vitest";
import { SEGMENT } from "../shared/orchestration/follow/follow-run.ts";
import { ANSWER_MARGIN_SECONDS } from "../shared/tools/hands/invoke-sandbox.ts";
import { SANDBOX_LIMITS } from "../shared/tools/sandbox/limits.ts";
import { functionTable } from "./function-table.ts";
import { MAX_RECEIVES, type QueueSettings, queueTable } from "./queue-table.ts";
import { routeTable } from "./route-table.ts";

/** API Gateway waits no longer for a buffered answer. */
const GATEWAY_SECONDS = 29;
/** Until the database accepts a connection of an HTTP function, or of the engine. */
const CONNECT_SECONDS = { http: 20, engine: 45 };
/** Three tries of the SDK, three times. */
const REPORT_SECONDS = 20;
/** Until Step Functions believes that nobody works on a phase. */
const HEARTBEAT_SECONDS = 3_600;

const queues: readonly (readonly [string, QueueSettings])[] = Object.entries(queueTable);

describe("what waits is given up before who waits for it", () => {
  test.each(routeTable.filter(({ route }) => route.stream !== true))(
    "a function of $route.path gives up before the gateway",
    ({ entry }) => {
      expect(functionTable[entry].timeoutSeconds).toBeLessThan(GATEWAY_SECONDS);
      expect(functionTable[entry].timeoutSeconds).toBeGreaterThan(CONNECT_SECONDS.http);
    },
  );

  test("a reader's stream outlives the waking of the database and a whole segment", () => {
    expect(functionTable["planner/events"].timeoutSeconds).toBeGreaterThan(CONNECT_SECONDS.http + SEGMENT / 1_000);
  });

  test.each(["orchestrator/conductor", "orchestrator/ledger"] as const)("%s outlives the waking of the database", (entry) => {
    expect(functionTable[entry].timeoutSeconds).toBeGreaterThan(CONNECT_SECONDS.engine);
  });

  test("the longest tool is a program in the sandbox, which is answered for within its time", () => {
    const longest = SANDBOX_LIMITS.timeMs.max / 1_000 + ANSWER_MARGIN_SECONDS;

    expect(queueTable["effects-tool"].hand.effectSeconds).toBe(longest);
    expect(functionTable["tool-runner/sandbox"].timeoutSeconds).toBeGreaterThan(SANDBOX_LIMITS.timeMs.max / 1_000);
    expect(functionTable["tool-runner/sandbox"].timeoutSeconds).toBeLessThan(longest);
  });

  test.each(queues.filter(([, { hand }]) => hand !== undefined))(
    "the hand of %s outlives a batch of the slowest effects",
    (_, settings) => {
      const { consumer, batchSize, hand } = settings;
      const rounds = Math.ceil(batchSize / (hand?.atOnce ?? 1));
      const claim = functionTable["orchestrator/ledger"].timeoutSeconds;

      expect(functionTable[consumer].timeoutSeconds).toBeGreaterThan(claim + rounds * (hand?.effectSeconds ?? 0) + REPORT_SECONDS);
    },
  );

  test("a phase may fail as often as its message is delivered before Step Functions sends another", () => {
    expect(queueTable.control.visibilitySeconds * MAX_RECEIVES).toBeLessThan(HEARTBEAT_SECONDS);
  });
});
