import { beforeAll, describe, expect, test } from "vitest";
import { createDraft } from "./mutations/draft.ts";
import { mutations } from "./mutations/mutations.ts";
import type { Synthesised } from "./rules/rule.ts";
import { type RuleName, rules } from "./rules/rules.ts";
import { synthesise } from "./synthesise.ts";

const stages = ["dev", "prod"] as const;
const names = Object.keys(rules) as RuleName[];
const variants = [
  { stage: "dev", switches: { egress: "nat", cache: "dynamodb" } },
  { stage: "prod", switches: { egress: "ipv6", cache: "redis", readers: "0", waf: "false", reservedConcurrency: "false" } },
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
