import type { Message, Queue } from "./message.ts";
import { goesWrong, type Simulation, say } from "./simulation.ts";

/** Milliseconds until a message that was taken and not finished comes again. */
const VISIBILITY = 45_000;
/** What a message is late at most, past the delay that was asked for, and past its visibility when it comes again. */
export const LATEST_SECONDS = 200;
/** After which it is given up, as the queues of the product do. */
const MAX_RECEIVES = 5;

export type SendOptions = { delaySeconds?: number; isReliable?: boolean };

export function sendMessage(
  simulation: Simulation,
  queue: Queue,
  body: object,
  { delaySeconds = 0, isReliable = false }: SendOptions = {},
): void {
  const text = JSON.stringify(body);
  const what = `${queue.name} ${shorten(text)}`;
  if (!isReliable && goesWrong(simulation, "message lost", what)) return;
  const copies = goesWrong(simulation, "message doubled", what) ? 2 : 1;
  for (let copy = 0; copy < copies; copy += 1) {
    const late = goesWrong(simulation, "message delayed", what) ? simulation.random.integer(1, LATEST_SECONDS) : 0;
    const visibleAt = simulation.clock.now() + (delaySeconds + late) * 1_000;
    queue.messages.push({ id: simulation.newId(), body: text, visibleAt, receives: 0 });
  }
}

export function listVisible(simulation: Simulation, queue: Queue): Message[] {
  return queue.messages.filter((message) => message.visibleAt <= simulation.clock.now());
}

/** Takes up to `most` messages in any order. */
export function takeMessages(simulation: Simulation, queue: Queue, most: number): Message[] {
  const taken = simulation.random.shuffle(listVisible(simulation, queue)).slice(0, most);
  queue.messages = queue.messages.filter((message) => !taken.includes(message));
  return taken;
}

/** Messages that were not finished come again, a few times. */
export function giveBack(simulation: Simulation, queue: Queue, messages: readonly Message[]): void {
  for (const message of messages) {
    const receives = message.receives + 1;
    if (receives < MAX_RECEIVES || simulation.isCalm) {
      queue.messages.push({ ...message, receives, visibleAt: simulation.clock.now() + VISIBILITY });
    } else say(simulation, `  given up: ${queue.name} ${shorten(message.body)}`);
  }
}

function shorten(text: string): string {
  return text.length > 140 ? `${text.slice(0, 140)}…` : text;
}
