import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";

/** Sections of docs/deploy.md: what somebody who was woken up does. */
export type Runbook =
  | "dead-letters"
  | "old-messages"
  | "failing-api"
  | "slow-api"
  | "failing-functions"
  | "throttled-functions"
  | "failing-runs"
  | "database-capacity"
  | "database-connections"
  | "spending"
  | "broken-authorizer"
  | "failed-upkeep";

/** Something that somebody must look at. It is told when it begins and when it ends. */
export type AlarmSpec = {
  readonly id: string;
  /** What is the matter, in one sentence. */
  readonly says: string;
  readonly runbook: Runbook;
  readonly metric: IMetric;
  /** Above it. */
  readonly threshold: number;
  /** Of the metric's periods, one after the other; 1 unless told. */
  readonly periods?: number;
};
