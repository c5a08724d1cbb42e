import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as z from "zod";
import { setLogSink } from "../../platform/log/logger.ts";
import { recordSpend } from "./record-spend.ts";

const Counted = z.object({ LlmSpend: z.number() });
let counted: number[] = [];

beforeEach(() => {
  counted = [];
  vi.stubEnv("METRICS_NAMESPACE", "CognitionOS/dev");
  setLogSink((line) => counted.push(Counted.parse(JSON.parse(line)).LlmSpend));
});
afterEach(() => {
  setLogSink((line) => process.stdout.write(`${line}\n`));
  vi.unstubAllEnvs();
});

test("what was booked is counted in dollars, less where it was corrected, and not at all where nothing was", () => {
  for (const nano of [12_500_000n, 0n, -2_500_000n]) recordSpend(nano);

  expect(counted).toEqual([0.0125, -0.0025]);
});
