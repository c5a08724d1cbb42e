import { readFileSync } from "node:fs";
import path from "node:path";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { createAgenda } from "../../../local/aws/agenda.ts";
import { systemClock } from "../../../local/aws/clock.ts";
import { createEngine, machineArn } from "../../../local/aws/state-machine/engine.ts";
import type { Engine } from "../../../local/aws/state-machine/execution.ts";
import { loadDefinition } from "../../../local/aws/state-machine/load-definition.ts";
import { JsonValue } from "../../../shared/platform/json.ts";
import type { CloudQueues } from "./queues.ts";

const Parameters = z.strictObject({ QueueUrl: z.string(), MessageBody: JsonValue, MessageGroupId: z.string().optional() });

export type StateMachine = { readonly engine: Engine; readonly arn: string; close(): void };

/** The state machine of a run; its messages, and those of the rule that tells of ended executions, go to the queues over HTTP. */
export function openStateMachine({ client, url }: Pick<CloudQueues, "client" | "url">, onFailure: (error: unknown) => void): StateMachine {
  const controlQueueUrl = url("control");
  const root = path.resolve(import.meta.dirname, "../../..");
  const definition = loadDefinition(readFileSync(path.join(root, "infra/state-machines/run.asl.json"), "utf8"), {
    ControlQueueUrl: controlQueueUrl,
  });
  const agenda = createAgenda(systemClock);
  const send = (QueueUrl: string, MessageBody: string, MessageGroupId?: string) => {
    client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId })).catch(onFailure);
  };
  const engine = createEngine({
    agenda,
    machines: { run: definition },
    tasks: {
      "arn:aws:states:::sqs:sendMessage.waitForTaskToken": (parameters) => {
        const { QueueUrl, MessageBody, MessageGroupId } = Parameters.parse(parameters);
        send(QueueUrl, typeof MessageBody === "string" ? MessageBody : JSON.stringify(MessageBody), MessageGroupId);
      },
    },
    onStatusChange(event) {
      const { status } = event.detail;
      if (status === "FAILED" || status === "ABORTED") send(controlQueueUrl, JSON.stringify(event));
    },
  });
  return { engine, arn: machineArn("run"), close: () => agenda.clear() };
}
