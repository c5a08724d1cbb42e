import type { Agenda } from "./agenda.ts";
import { AwsError } from "./aws-error.ts";
import { createQueue, type Queue, type QueueSettings } from "./queue.ts";

/** The queues of the account, by name. */
export type Queues = { readonly agenda: Agenda; readonly byName: Map<string, Queue> };

export function createQueues(agenda: Agenda): Queues {
  return { agenda, byName: new Map() };
}

/** Like SQS, answers an existing queue of the same name and settings, and refuses one with others. */
export function addQueue(queues: Queues, name: string, settings: Partial<QueueSettings> = {}): Queue {
  if (!/^[\w-]{1,80}$/.test(name)) throw new AwsError("InvalidParameterValue", `${name} is not the name of a standard queue`);
  const queue = createQueue(name, queues.agenda, settings);
  const existing = queues.byName.get(name);
  if (existing === undefined) {
    queues.byName.set(name, queue);
    return queue;
  }
  if (isSame(existing.settings, queue.settings)) return existing;
  throw new AwsError("QueueNameExists", `A queue already exists with the same name and a different value for an attribute: ${name}`);
}

function isSame(left: QueueSettings, right: QueueSettings): boolean {
  return (
    left.visibilitySeconds === right.visibilitySeconds &&
    left.delaySeconds === right.delaySeconds &&
    left.waitSeconds === right.waitSeconds &&
    left.redrive?.deadLetterQueue === right.redrive?.deadLetterQueue &&
    left.redrive?.maxReceiveCount === right.redrive?.maxReceiveCount
  );
}

/** @param nameOrUrl only the last segment of a URL counts, as on AWS the host may differ */
export function getQueue(queues: Queues, nameOrUrl: string): Queue {
  const queue = queues.byName.get(nameOrUrl.slice(nameOrUrl.lastIndexOf("/") + 1));
  if (queue === undefined) throw new AwsError("QueueDoesNotExist", "The specified queue does not exist.");
  return queue;
}
