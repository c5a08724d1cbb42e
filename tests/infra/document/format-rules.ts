import { mutations } from "../mutations/mutations.ts";
import { type RuleName, rules } from "../rules/rules.ts";
import { type DesignRule, design } from "./design.ts";

const isRuleName = (name: string): name is RuleName => Object.hasOwn(rules, name);
export const ruleNames: readonly RuleName[] = Object.keys(rules).filter(isRuleName);

const fileOf = (name: RuleName) => `tests/infra/rules/${name}.ts`;
const mistakesOf = (name: RuleName) => mutations.filter(({ rule }) => rule === name);

/** docs/infrastructure-rules.md: what must hold on AWS, what holds it, and the mistakes by which that is tried. */
export function formatRuleDocument(): string {
  const head = [
    "# Rules of the infrastructure",
    "",
    "What must hold on AWS, and what holds it without an account. A **rule** is a function in `tests/infra/rules/` that reads what a stage is",
    "synthesised to, and the code that each function really reaches (`tests/infra/code/`), and gives each breach as a sentence.",
    "`tests/infra/rules.test.ts` holds every rule for dev, for prod and for other settings of their switches, and makes each of the",
    `${mutations.length} mistakes below on purpose (\`tests/infra/mutations/\`): its rule must notice. This page is written by \`npm run rules\`,`,
    "which also says how each rule stands now.",
    "",
    "## What must hold",
    "",
    "| | what | held by |",
    "| --- | --- | --- |",
  ];
  const lines = design.map((given, index) => `| ${index + 1} | ${given.says} | ${formatHolders(given)} |`);
  const sections = ruleNames.flatMap((name) => [
    `**${name}** (\`${fileOf(name)}\`)`,
    "",
    ...mistakesOf(name).map(({ mistake }) => `- ${mistake}`),
    "",
  ]);
  return [...head, ...lines, "", "## Mistakes that are noticed", "", ...sections].join("\n");
}

function formatHolders({ rules: held = [], tests = [], open }: DesignRule): string {
  return [
    ...held.map((name) => `rule ${name} (${mistakesOf(name).length} mistakes)`),
    ...tests.map(([file, title]) => `\`${file}\`: "${title}"`),
    ...(open === undefined ? [] : [`open: ${open}`]),
  ].join(" · ");
}
