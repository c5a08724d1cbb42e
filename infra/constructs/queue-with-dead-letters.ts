import { Duration } from "aws-cdk-lib";
import * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { MAX_RECEIVES, type QueueSettings } from "../../functions/queue-table.ts";

/** A person has this long to look at what could not be handled. */
const DEAD_LETTER_DAYS = 14;

type Props = {
  readonly settings: QueueSettings;
  /** The queue that takes up what this one gives up; a queue of its own for dead letters where there is none. */
  readonly givesUpTo: sqs.Queue | undefined;
};

/** A queue, and the queue where a message goes that was received too often. Both are encrypted and refuse plain HTTP. */
export class QueueWithDeadLetters extends Construct {
  readonly queue: sqs.Queue;
  readonly deadLetters: sqs.Queue;

  constructor(scope: Construct, id: string, { settings, givesUpTo }: Props) {
    super(scope, id);
    const secured = { encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true };
    this.deadLetters = givesUpTo ?? new sqs.Queue(this, "DeadLetters", { ...secured, retentionPeriod: Duration.days(DEAD_LETTER_DAYS) });
    this.queue = new sqs.Queue(this, "Queue", {
      ...secured,
      visibilityTimeout: Duration.seconds(settings.visibilitySeconds),
      // A run lives a day; what lies longer belongs to nobody.
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: settings.maxReceives ?? MAX_RECEIVES },
    });
  }
}
