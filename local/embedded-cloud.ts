import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SQSEvent } from "aws-lambda";
import { MAX_RECEIVES, type QueueName, type QueueSettings, queueTable } from "../functions/queue-table.ts";
import { setRequestHandler } from "../shared/platform/aws/client-options.ts";
import { log } from "../shared/platform/log/logger.ts";
import { createAgenda } from "./aws/agenda.ts";
import { systemClock } from "./aws/clock.ts";
import { createDynamoDb } from "./aws/dynamodb.ts";
import { createLambdaRequestHandler } from "./aws/lambda-front.ts";
import { callFunction, createLambdaFunctions, type LambdaFunction, type LambdaFunctions } from "./aws/lambda-functions.ts";
import { sendMessage } from "./aws/queue.ts";
import { addQueue, createQueues, getQueue, type Queues } from "./aws/queues.ts";
import { createRequestHandler } from "./aws/request-handler.ts";
import { createS3RequestHandler } from "./aws/s3-front.ts";
import { createSqsRequestHandler } from "./aws/sqs-request-handler.ts";
import { createEngine, machineArn } from "./aws/state-machine/engine.ts";
import { loadDefinition } from "./aws/state-machine/load-definition.ts";
import { createStepFunctionsRequestHandler } from "./aws/state-machine/request-handler.ts";
import { createSendMessageTasks } from "./aws/state-machine/send-message-task.ts";
import { type Subscription, subscribe } from "./aws/subscribe.ts";

export const WORKSPACE_BUCKET = "workspaces";
export const LOOKUP_TABLE = "lookups";

export type Cloud = {
  functions: LambdaFunctions;
  queueUrl(name: QueueName): string;
  stateMachineArn: string;
  /** Begins to deliver what is on the queues. */
  deliver(): void;
  /** Takes nothing more from the queues and waits for what is being handled. */
  stopDelivering(): Promise<void>;
  close(): Promise<void>;
};

/** The AWS of this process: queues in memory, one state machine, objects and items on disk, all reached through the SDK. */
export async function openCloud(root: string, folder: string, functions: Record<string, LambdaFunction>): Promise<Cloud> {
  const agenda = createAgenda(systemClock);
  const queues = createQueues(agenda);
  addEveryQueue(queues);
  const lambda = createLambdaFunctions(agenda, functions);
  const dynamo = createDynamoDb(join(folder, "dynamodb"), [{ name: LOOKUP_TABLE, partitionKey: "pk" }]);
  // Every request with a key needs it: it comes up while the rest does. Why it could not is told to whoever asks it.
  dynamo.endpoint().catch(() => undefined);
  const handler = createRequestHandler({
    sqs: createSqsRequestHandler(queues),
    lambda: createLambdaRequestHandler(lambda),
    sfn: createStepFunctionsRequestHandler(openStateMachine(root, queues)),
    s3: await createS3RequestHandler(join(folder, "s3"), [WORKSPACE_BUCKET]),
  });
  setRequestHandler(handler, { dynamodb: () => dynamo.endpoint() });

  let subscriptions: Subscription[] = [];
  let isIdle = false;
  return {
    functions: lambda,
    queueUrl: (name) => getQueue(queues, name).url,
    stateMachineArn: machineArn("run"),
    deliver() {
      subscriptions = Object.entries(queueTable).map(([name, { consumer, maxConcurrency, batchSize }]) =>
        subscribe(getQueue(queues, name), (event: SQSEvent) => callFunction(lambda, consumer, event), {
          maxConcurrency,
          batchSize,
          onFailure: (error) => log.error("a function failed on its queue", { queue: name, error }),
        }),
      );
    },
    async stopDelivering() {
      await Promise.all(subscriptions.map((subscription) => subscription.stop()));
      isIdle = true;
    },
    async close() {
      agenda.clear();
      await dynamo.close();
      // A handler that still runs must go on finding this cloud: without it the SDK would look for the real one.
      if (isIdle) setRequestHandler(undefined);
    },
  };
}

/** As on AWS: what a queue gives up lies among its dead letters, or is taken up by the queue that the table names (which stands first). */
function addEveryQueue(queues: Queues): void {
  const table: Readonly<Record<string, QueueSettings>> = queueTable;
  for (const [name, { visibilitySeconds, givesUpTo, maxReceives }] of Object.entries(table)) {
    const deadLetterQueue = givesUpTo === undefined ? addQueue(queues, `${name}-dead`) : getQueue(queues, givesUpTo);
    addQueue(queues, name, { visibilitySeconds, redrive: { deadLetterQueue, maxReceiveCount: maxReceives ?? MAX_RECEIVES } });
  }
}

function openStateMachine(root: string, queues: Queues) {
  const text = readFileSync(join(root, "infra/state-machines/run.asl.json"), "utf8");
  const definition = loadDefinition(text, { ControlQueueUrl: getQueue(queues, "control").url });
  return createEngine({
    agenda: queues.agenda,
    machines: { run: definition },
    tasks: createSendMessageTasks(queues),
    onStatusChange(event) {
      // What the EventBridge rule forwards on AWS.
      const { status } = event.detail;
      if (status === "FAILED" || status === "ABORTED") sendMessage(getQueue(queues, "control"), { body: JSON.stringify(event) });
    },
  });
}
