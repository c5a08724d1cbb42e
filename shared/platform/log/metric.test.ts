import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { setLogSink } from "./logger.ts";
import { recordMetric } from "./metric.ts";

let lines: unknown[] = [];

beforeEach(() => {
  lines = [];
  setLogSink((line) => lines.push(JSON.parse(line)));
});
afterEach(() => {
  setLogSink((line) => process.stdout.write(`${line}\n`));
  vi.unstubAllEnvs();
});

describe("a number for CloudWatch", () => {
  test("is one line in the embedded metric format", () => {
    vi.stubEnv("METRICS_NAMESPACE", "CognitionOS/dev");

    recordMetric("LlmSpend", 0.0125, "None", 1_700_000_000_000);

    expect(lines).toEqual([
      {
        _aws: {
          Timestamp: 1_700_000_000_000,
          CloudWatchMetrics: [{ Namespace: "CognitionOS/dev", Dimensions: [[]], Metrics: [{ Name: "LlmSpend", Unit: "None" }] }],
        },
        LlmSpend: 0.0125,
      },
    ]);
  });

  test.each([undefined, ""])("is not written where nobody counts: %j", (namespace) => {
    vi.stubEnv("METRICS_NAMESPACE", namespace);

    recordMetric("LlmSpend", 1, "None");

    expect(lines).toEqual([]);
  });
});
