import type { TokenUsage } from "../../effects/contract.ts";
import type { NewTask } from "./batch.ts";
import { EXPECTED_TOKENS } from "./choose-agent.ts";

type Complexity = NewTask["complexity"];

/** A task that completed, with what all of its attempts took: the past that estimates are made of. */
export type PastTask = {
  kind: NewTask["kind"];
  tools: readonly string[];
  complexity: Complexity;
  seconds: number;
  /** Every call of its model. */
  calls: readonly TokenUsage[];
};

/** What is to be estimated. */
export type TaskToCome = Pick<PastTask, "kind" | "tools" | "complexity">;

/** In what the past tasks that an estimate rests on were like the one to come. */
export type Likeness = "tools-and-complexity" | "tools" | "complexity" | "kind";

export type Range<Amount> = { median: Amount; p90: Amount };

export type TaskEstimate = {
  likeness: Likeness;
  /** How many past tasks it rests on; never 0. */
  samples: number;
  seconds: Range<number>;
  /** What the same calls would cost with the model that the task would have; null where nobody knows its price. */
  cost_nano: Range<bigint> | null;
  /** How complex tasks with these tools turned out to be, by the tokens that they took; null with too few of them. */
  complexity: Complexity | null;
};

/** Fewer are taken only where there are no more of any likeness. */
const ENOUGH = 3;

const LIKENESSES: readonly [Likeness, (past: PastTask, task: TaskToCome) => boolean][] = [
  ["tools-and-complexity", (past, task) => past.complexity === task.complexity && haveSameTools(past, task)],
  ["tools", haveSameTools],
  ["complexity", (past, task) => past.complexity === task.complexity],
  ["kind", () => true],
];

/**
 * What a task will take, by the past tasks of the workspace that were most like it and that there are enough of. Undefined when there is no
 * past of its kind: then nobody knows. `priceOf`: what a call would cost, in nano-dollars.
 */
export function estimateTask(
  past: readonly PastTask[],
  task: TaskToCome,
  priceOf: (usage: TokenUsage) => bigint | null,
): TaskEstimate | undefined {
  const ofKind = past.filter(({ kind }) => kind === task.kind);
  const [likeness, alike] = findAlike(ofKind, task);
  if (alike.length === 0) return undefined;
  const costs = alike.map(({ calls }) => calls.map(priceOf).reduce(addKnown, 0n));
  const known = costs.filter((cost) => cost !== null);
  return {
    likeness,
    samples: alike.length,
    seconds: rangeOf(alike.map(({ seconds }) => seconds)),
    cost_nano: known.length < costs.length ? null : rangeOf(known),
    complexity: learnComplexity(ofKind.filter((one) => haveSameTools(one, task))),
  };
}

/** Tasks of which the same is known are estimated alike. */
export function keyOf({ kind, tools, complexity }: TaskToCome): string {
  return [kind, complexity, ...tools.toSorted()].join(" ");
}

/** Whole seconds that tasks will take by their median, each sort looked up once; undefined where there is no past. */
export function rememberSeconds(past: readonly PastTask[]): (task: TaskToCome) => number | undefined {
  const known = new Map<string, number | undefined>();
  return (task) => {
    const key = keyOf(task);
    if (!known.has(key)) {
      const median = estimateTask(past, task, () => null)?.seconds.median;
      known.set(key, median === undefined ? undefined : Math.ceil(median));
    }
    return known.get(key);
  };
}

function findAlike(ofKind: readonly PastTask[], task: TaskToCome): [Likeness, readonly PastTask[]] {
  for (const [likeness, isAlike] of LIKENESSES) {
    const alike = ofKind.filter((one) => isAlike(one, task));
    if (alike.length >= ENOUGH) return [likeness, alike];
  }
  return ["kind", ofKind];
}

function haveSameTools(left: Pick<PastTask, "tools">, right: Pick<PastTask, "tools">): boolean {
  return left.tools.length === right.tools.length && left.tools.every((tool) => right.tools.includes(tool));
}

function addKnown(sum: bigint | null, cost: bigint | null): bigint | null {
  return sum === null || cost === null ? null : sum + cost;
}

/** By nearest rank: each is an amount that was really seen, so one absurd task moves neither far. `amounts` is not empty. */
function rangeOf<Amount extends number | bigint>(amounts: readonly Amount[]): Range<Amount> {
  const sorted = amounts.toSorted((left, right) => (left < right ? -1 : Number(left > right)));
  const at = (share: number): Amount => {
    const amount = sorted[Math.ceil(share * sorted.length) - 1];
    if (amount === undefined) throw new Error("a range of nothing");
    return amount;
  };
  return { median: at(0.5), p90: at(0.9) };
}

/** The complexity whose expected tokens are nearest, by ratio, to what such tasks took. */
function learnComplexity(alike: readonly PastTask[]): Complexity | null {
  if (alike.length < ENOUGH) return null;
  const tokens = rangeOf(alike.map(({ calls }) => calls.reduce((sum, call) => sum + call.input_tokens + call.output_tokens, 0))).median;
  const boundary = (lower: Complexity, upper: Complexity) => Math.sqrt(expectedTokens(lower) * expectedTokens(upper));
  if (tokens <= boundary("low", "medium")) return "low";
  return tokens <= boundary("medium", "high") ? "medium" : "high";
}

function expectedTokens(complexity: Complexity): number {
  const { input, output } = EXPECTED_TOKENS[complexity];
  return input + output;
}
