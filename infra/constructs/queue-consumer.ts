import * as lambda from "aws-cdk-lib/aws-lambda";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { QueueSettings } from "../../functions/queue-table.ts";

type Props = { readonly queue: sqs.IQueue; readonly consumer: lambda.IFunction; readonly settings: QueueSettings };

/** Hands a queue's messages to its function. Its right to take them stands in the function's own role. */
export class QueueConsumer extends Construct {
  constructor(scope: Construct, id: string, { queue, consumer, settings }: Props) {
    super(scope, id);
    new lambda.EventSourceMapping(this, "Mapping", {
      target: consumer,
      eventSourceArn: queue.queueArn,
      batchSize: settings.batchSize,
      // No window: a batch is what is there.
      maxConcurrency: settings.maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
