import type * as sqs from "aws-cdk-lib/aws-sqs";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import type { FunctionEntry } from "../../functions/function-table.ts";
import type { QueueName } from "../../functions/queue-table.ts";
import type { StageConfig } from "../config/stage-config.ts";
import type { DataResources } from "../stacks/data-resources.ts";

/** What functions are told of and allowed on. */
export type AppParts = {
  readonly config: StageConfig;
  readonly data: DataResources;
  readonly queues: Readonly<Record<QueueName, { readonly queue: sqs.IQueue }>>;
  readonly stateMachine: sfn.StateMachine;
  /** Of a function that may not exist yet: written into the template when all do. */
  functionArn(entry: FunctionEntry): string;
};
