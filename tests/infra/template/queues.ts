import { type QueueName, queueTable } from "../../../functions/queue-table.ts";
import type { Assembly } from "./assembly.ts";
import { findDeployed } from "./deployed-functions.ts";
import { findTarget } from "./resolve.ts";
import { type Located, listResources, property } from "./resources.ts";

/** A queue; `name` is undefined for a queue of dead letters. */
export type Queue = Located & { readonly name: QueueName | undefined; readonly deadLetters: string | undefined };

/** By which variable of which function a queue of the table is known. */
const addresses = {
  control: ["orchestrator/conductor", "CONTROL_QUEUE_URL"],
  results: ["ai-runtime/llm-worker", "RESULTS_QUEUE_URL"],
  "effects-llm": ["orchestrator/conductor", "LLM_QUEUE_URL"],
  "effects-tool": ["orchestrator/conductor", "TOOL_QUEUE_URL"],
} as const satisfies Record<QueueName, readonly [string, string]>;

export function queuePath(assembly: Assembly, name: QueueName): string | undefined {
  const [entry, variable] = addresses[name];
  return findTarget(findDeployed(assembly, entry)?.environment[variable] ?? "");
}

const isQueueName = (name: string): name is QueueName => Object.hasOwn(queueTable, name);

export function listQueues(assembly: Assembly): readonly Queue[] {
  const names = new Map(
    Object.keys(queueTable)
      .filter(isQueueName)
      .map((name) => [queuePath(assembly, name), name]),
  );
  return listResources(assembly, "AWS::SQS::Queue").map((queue) => ({
    ...queue,
    name: names.get(queue.path),
    deadLetters: findTarget(queue.text(property(queue, "RedrivePolicy", "deadLetterTargetArn"))),
  }));
}
