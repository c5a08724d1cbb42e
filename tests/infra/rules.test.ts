import { beforeAll, describe, expect, test } from "vitest";
import { createDraft } from "./mutations/draft.ts";
import { mutations } from "./mutations/mutations.ts";
import type { Synthesised } from "./rules/rule.ts";
import { type RuleName, rules } from "./rules/rules.ts";
import { synthesise } from "./synthesise.ts";
import { isAllowed } from "./template/is-allowed.ts";

const stages = ["dev", "prod"] as const;
const names = Object.keys(rules) as RuleName[];
const variants = [
  { stage: "dev", switches: { egress: "nat", cache: "dynamodb" } },
  { stage: "dev", switches: { egress: "endpoints", cache: "redis" } },
  { stage: "prod", switches: { egress: "ipv6", readers: "0", waf: "false" } },
  { stage: "prod", switches: { egress: "nat", reservedConcurrency: "false" } },
] as const;

/** Their lists hold what each stage has with its own switches. */
const aboutStages: readonly RuleName[] = ["stateful-ids", "acknowledgements"];

const made = new Map<string, Synthesised>();

/** A synthesis takes a second, and hundreds of tests look at each. */
beforeAll(async () => {
  for (const stage of stages) made.set(stage, await synthesise(stage));
}, 120_000);

function get(stage: string): Synthesised {
  const found = made.get(stage);
  if (found === undefined) throw new Error(`${stage} was not synthesised`);
  return found;
}

describe.each(stages)("what %s is synthesised to", (stage) => {
  test.each(names)("keeps the rule %s", (name) => {
    expect(rules[name](get(stage))).toEqual([]);
  });
});

describe("whatever its switches say,", () => {
  test.each(variants)(
    "$stage with $switches keeps every rule but the lists of what a stage has",
    async ({ stage, switches }) => {
      const synthesised = await synthesise(stage, switches);
      const findings = names
        .filter((name) => !aboutStages.includes(name))
        .flatMap((name) => rules[name](synthesised).map((found) => `${name}: ${found}`));

      expect(findings).toEqual([]);
    },
    60_000,
  );
});

describe("whoever answers a function in AWS's place knows that", () => {
  test.each([
    ["orchestrator/conductor", "sqs:SendMessage", "CONTROL_QUEUE_URL", true],
    ["ai-runtime/llm-worker", "sqs:SendMessage", "CONTROL_QUEUE_URL", false],
    ["ai-runtime/llm-worker", "sqs:SendMessage", "RESULTS_QUEUE_URL", true],
    ["ai-runtime/llm-worker", "lambda:InvokeFunction", "SANDBOX_FUNCTION", false],
    ["gateway/authorizer", "dynamodb:GetItem", "LOOKUP_TABLE", true],
    ["gateway/authorizer", "dynamodb:PutItem", "LOOKUP_TABLE", false],
    ["orchestrator/ledger", "states:StartExecution", "STATE_MACHINE_ARN", false],
    ["tool-runner/sandbox", "s3:GetObject", "WORKSPACE_BUCKET", false],
    ["planner/http", "s3:GetObject", "NO_SUCH_VARIABLE", false],
  ] as const)("%s and %s on %s: %s", (entry, action, variable, allowed) => {
    expect(isAllowed(get("prod").assembly, entry, action, variable)).toBe(allowed);
  });
});

describe("a mistake is noticed by", () => {
  test.each(mutations)("$rule: $mistake", ({ rule, stage = "prod", make }) => {
    const draft = createDraft(get(stage));

    make(draft);

    expect(rules[rule](draft.synthesised)).not.toEqual([]);
  });

  test("every rule", () => {
    expect(names.filter((name) => !mutations.some(({ rule }) => rule === name))).toEqual([]);
  });
});
