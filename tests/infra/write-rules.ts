import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../local/state-folder.ts";
import { formatRuleDocument, ruleNames } from "./document/format-rules.ts";
import { createDraft } from "./mutations/draft.ts";
import { mutations } from "./mutations/mutations.ts";
import { listNeeds } from "./rules/permissions.ts";
import type { Synthesised } from "./rules/rule.ts";
import { type RuleName, rules } from "./rules/rules.ts";
import { synthesise } from "./synthesise.ts";
import { listDeployed } from "./template/deployed-functions.ts";
import { listRights } from "./template/rights.ts";

/**
 * Writes docs/infrastructure-rules.md, and prints how every rule stands in dev and prod, how many of the mistakes that are made on purpose it
 * notices, and what each function calls and may do; 1 when a rule does not hold or does not notice.
 */
export async function main(): Promise<number> {
  writeFileSync(join(projectRoot(), "docs/infrastructure-rules.md"), formatRuleDocument());
  const made = [await synthesise("dev"), await synthesise("prod")];
  const standing = ruleNames.map((name) => ({
    name,
    findings: made.flatMap((synthesised) => rules[name](synthesised).map((finding) => `${synthesised.assembly.stage}: ${finding}`)),
    ...countNoticed(name, made),
  }));
  const lines = standing.map(({ name, findings, noticed, tried }) => {
    const stands = findings.length === 0 ? "holds in dev and prod" : findings.join("\n  ");
    return `${name.padEnd(20)}${`${noticed} of ${tried}`.padStart(9)} mistakes noticed   ${stands}`;
  });
  const rights = made.filter(({ assembly }) => assembly.stage === "prod").flatMap(formatRights);
  process.stdout.write(`${[...lines, "", ...made.map(formatNag), "", ...rights].join("\n")}\n`);
  return standing.every(({ findings, noticed, tried }) => findings.length === 0 && noticed === tried) ? 0 : 1;
}

function countNoticed(name: RuleName, made: readonly Synthesised[]): { noticed: number; tried: number } {
  const tried = mutations.filter(({ rule }) => rule === name);
  const noticed = tried.filter(({ stage = "prod", make }) => {
    const original = made.find(({ assembly }) => assembly.stage === stage);
    if (original === undefined) throw new Error(`${stage} was not synthesised`);
    const draft = createDraft(original);
    make(draft);
    return rules[name](draft.synthesised).length > 0;
  });
  return { noticed: noticed.length, tried: tried.length };
}

function formatNag({ assembly, nag }: Synthesised): string {
  return `cdk-nag in ${assembly.stage}: ${nag.open.length} open, ${nag.acknowledged} acknowledged with reasons, ${nag.unused.length} acknowledgements that nothing needs`;
}

/** What a function's code sends, and how many rights that needs and its role allows; the two must be one. */
function formatRights({ assembly, code }: Synthesised): readonly string[] {
  const lines = listDeployed(assembly).map((deployed) => {
    const { entry, role } = deployed;
    const needs = new Set(listNeeds(assembly, deployed, code[entry]));
    const rights = new Set(listRights(assembly, role ?? ""));
    const commands = code[entry].commands.map((command) => command.replace(/Command$/, "")).join(" ");
    return `  ${entry.padEnd(26)}${String(needs.size).padStart(3)} needed ${String(rights.size).padStart(3)} allowed   ${commands}`;
  });
  return [`${assembly.stage}: rights that code needs, and that roles allow`, ...lines];
}
