import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { MAX_RECEIVES, type QueueName, type QueueSettings, queueTable } from "../../../functions/queue-table.ts";
import { namesOf } from "../../../infra/functions/map-table.ts";
import { createAgenda } from "../../../local/aws/agenda.ts";
import { systemClock } from "../../../local/aws/clock.ts";
import { type Queue, sendMessage } from "../../../local/aws/queue.ts";
import { addQueue, createQueues, getQueue } from "../../../local/aws/queues.ts";
import { createRequestHandler } from "../../../local/aws/request-handler.ts";
import { createSqsRequestHandler } from "../../../local/aws/sqs-request-handler.ts";
import { createEngine, machineArn } from "../../../local/aws/state-machine/engine.ts";
import { loadDefinition } from "../../../local/aws/state-machine/load-definition.ts";
import { createStepFunctionsRequestHandler } from "../../../local/aws/state-machine/request-handler.ts";
import { createSendMessageTasks } from "../../../local/aws/state-machine/send-message-task.ts";
import { setRequestHandler } from "../../../shared/platform/aws/client-options.ts";
import { openAwsFront } from "../../parity/aws/aws-front.ts";

const root = path.resolve(import.meta.dirname, "../../..");

export type KillCloud = {
  /** For workers: AWS and the model, over HTTP. */
  readonly awsUrl: string;
  readonly modelUrl: string;
  readonly stateMachineArn: string;
  readonly queue: (name: QueueName) => Queue;
  /** Calls that the model has taken and not answered, by worker. */
  readonly openCalls: (worker: string) => string[];
  readonly calls: () => number;
  /** How often the model, or whoever a tool contacts, was asked for this effect. */
  readonly callsOf: (effectId: string) => number;
  readonly countDead: () => number;
  close(): Promise<void>;
};

/**
 * What outlives every worker: queues, state machines and the model. Messages of a killed worker come back after `visibilitySeconds`.
 * `answerAfter`: milliseconds that the model thinks; `onCall` is told of each call as it comes.
 */
export async function openKillCloud(options: {
  visibilitySeconds: number;
  answerAfter: () => number;
  onCall: () => void;
}): Promise<KillCloud> {
  const agenda = createAgenda(systemClock);
  const queues = createQueues(agenda);
  for (const name of namesOf(queueTable)) {
    const { givesUpTo, maxReceives = MAX_RECEIVES }: QueueSettings = queueTable[name];
    const deadLetterQueue = addQueue(queues, `${name}-dead`);
    const redrive = {
      deadLetterQueue: givesUpTo === undefined ? deadLetterQueue : getQueue(queues, givesUpTo),
      maxReceiveCount: maxReceives,
    };
    addQueue(queues, name, { visibilitySeconds: options.visibilitySeconds, redrive });
  }
  const control = getQueue(queues, "control");
  const text = readFileSync(path.join(root, "infra/state-machines/run.asl.json"), "utf8");
  const engine = createEngine({
    agenda,
    machines: { run: loadDefinition(text, { ControlQueueUrl: control.url }) },
    tasks: createSendMessageTasks(queues),
    onStatusChange: (event) => {
      if (event.detail.status === "FAILED" || event.detail.status === "ABORTED") sendMessage(control, { body: JSON.stringify(event) });
    },
  });
  const [sqs, states] = [createSqsRequestHandler(queues), createStepFunctionsRequestHandler(engine)];
  setRequestHandler(createRequestHandler({ sqs, sfn: states }));
  const front = await openAwsFront({ services: { sqs, states }, authorize: () => undefined, onFailure: () => undefined });
  const model = await openModel(options);
  return {
    awsUrl: front.url,
    modelUrl: model.url,
    stateMachineArn: machineArn("run"),
    queue: (name) => getQueue(queues, name),
    openCalls: model.openCalls,
    calls: model.calls,
    callsOf: model.callsOf,
    countDead: () => namesOf(queueTable).reduce((sum, name) => sum + getQueue(queues, `${name}-dead`).visible.length, 0),
    async close() {
      agenda.clear();
      await Promise.all([front.close(), model.close()]);
      setRequestHandler(undefined);
    },
  };
}

/** A model that takes its time. `POST /<worker>/<effect>` is answered when it has thought, if anybody still listens. */
async function openModel({ answerAfter, onCall }: { answerAfter: () => number; onCall: () => void }) {
  const open = new Map<string, Set<string>>();
  const ofEffect = new Map<string, number>();
  let calls = 0;
  const server = createServer((request, response) => {
    const [, worker = "", effect = ""] = (request.url ?? "").split("/");
    const ofWorker = open.get(worker) ?? new Set();
    open.set(worker, ofWorker.add(effect));
    calls += 1;
    ofEffect.set(effect, (ofEffect.get(effect) ?? 0) + 1);
    onCall();
    void wait(answerAfter()).then(() => {
      ofWorker.delete(effect);
      response.end("thought");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    openCalls: (worker: string) => [...(open.get(worker) ?? [])],
    calls: () => calls,
    callsOf: (effectId: string) => ofEffect.get(effectId) ?? 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
