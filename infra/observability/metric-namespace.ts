import type { StageName } from "../config/stage-config.ts";

/** Where our own metrics are; what METRICS_NAMESPACE says to a function. */
export function metricNamespace(stage: StageName): string {
  return `CognitionOS/${stage}`;
}
