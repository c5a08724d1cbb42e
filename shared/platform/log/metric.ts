import { readMetricsNamespace } from "../config/env.ts";
import { writeLine } from "./logger.ts";

/**
 * Writes a number for CloudWatch as a line of the log, in its embedded metric format: it needs no client, no right and no time. Where no
 * METRICS_NAMESPACE is set nobody counts, and nothing is written.
 * @param unit as CloudWatch names it; it knows none for money
 */
export function recordMetric(name: string, value: number, unit: "Count" | "None", now = Date.now()): void {
  const namespace = readMetricsNamespace();
  if (namespace === undefined) return;
  const directive = { Namespace: namespace, Dimensions: [[]], Metrics: [{ Name: name, Unit: unit }] };
  writeLine(JSON.stringify({ _aws: { Timestamp: now, CloudWatchMetrics: [directive] }, [name]: value }));
}
