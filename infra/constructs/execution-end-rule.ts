import * as events from "aws-cdk-lib/aws-events";
import * as targets from "aws-cdk-lib/aws-events-targets";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

type Props = { readonly machine: sfn.IStateMachine; readonly control: { readonly queue: sqs.IQueue; readonly deadLetters: sqs.IQueue } };

/** A timeout of a whole execution and a stop run no Catch: EventBridge tells the conductor of those, and of failures of the machine. */
export class ExecutionEndRule extends Construct {
  constructor(scope: Construct, id: string, { machine, control }: Props) {
    super(scope, id);
    new events.Rule(this, "Rule", {
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: { stateMachineArn: [machine.stateMachineArn], status: ["TIMED_OUT", "FAILED", "ABORTED"] },
      },
      // An event that cannot be delivered waits where the queue's own letters do, and is redriven with them.
      targets: [new targets.SqsQueue(control.queue, { deadLetterQueue: control.deadLetters })],
    });
  }
}
