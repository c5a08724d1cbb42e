import type {
  IPolicyValidationContext,
  IPolicyValidationPlugin,
  PolicyValidationPluginReport,
  PolicyViolatingResource,
  PolicyViolation,
} from "aws-cdk-lib";
import { type Acknowledgement, acknowledgements } from "../acknowledgements.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { nameStack } from "../stack-names.ts";

/** What a pack of rules found, parted by whether somebody said why it is right as it is. */
export type Judged = {
  readonly open: readonly PolicyViolation[];
  readonly acknowledged: number;
  /** Acknowledgements of this pack that fit nothing: they would lie in wait for something else. */
  readonly unused: readonly Acknowledgement[];
};

/**
 * A pack of rules with our acknowledgements. CDK's own acknowledging takes a finding by its exact text only, which names exports and logical
 * ids of the stage, and keeps those that fit nothing any more; this takes a "…" for any text and refuses what is not needed.
 */
export function acknowledgedRules(pack: IPolicyValidationPlugin, config: StageConfig): IPolicyValidationPlugin {
  return {
    name: pack.name,
    validate(context: IPolicyValidationContext): PolicyValidationPluginReport {
      const { open, unused } = judgeFindings(pack.name, pack.validate(context).violations, config);
      const violations = [...open, ...unused.map(refuseUnused)];
      return { success: violations.length === 0, violations };
    },
  };
}

/** @param packName the first part of the rules' names in `Acknowledgement.rule`, before `::` */
export function judgeFindings(
  packName: string,
  violations: readonly PolicyViolation[],
  config: StageConfig,
  list: readonly Acknowledgement[] = acknowledgements,
): Judged {
  const ours = list.filter(({ rule, when }) => rule.startsWith(`${packName}::`) && when?.(config) !== false);
  const used = new Set<Acknowledgement>();
  let acknowledged = 0;
  const isOpen = (ruleName: string, { constructPath = "" }: PolicyViolatingResource): boolean => {
    const found = ours.filter(({ at, rule }) => fits(rule, `${packName}::${ruleName}`) && isBelow(constructPath, at, config));
    for (const one of found) used.add(one);
    acknowledged += found.length > 0 ? 1 : 0;
    return found.length === 0;
  };
  const open = violations.map((violation) => ({
    ...violation,
    violatingResources: violation.violatingResources.filter((resource) => isOpen(violation.ruleName, resource)),
  }));
  return {
    open: open.filter(({ violatingResources }) => violatingResources.length > 0),
    acknowledged,
    unused: ours.filter((one) => !used.has(one)),
  };
}

function fits(pattern: string, text: string): boolean {
  const parts = pattern.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(text);
}

/** `at` begins with the role of a stack, and a construct's path with its name. */
function isBelow(constructPath: string, at: Acknowledgement["at"], { stage }: StageConfig): boolean {
  const path = constructPath.replace(nameStack(stage, "data").replace(/data$/, ""), "");
  return path === at || path.startsWith(`${at}/`);
}

function refuseUnused({ at, rule }: Acknowledgement): PolicyViolation {
  return {
    ruleName: "unused-acknowledgement",
    description: `Nothing at ${at} is found by ${rule} any more: take it out of infra/acknowledgements.ts.`,
    severity: "error",
    violatingResources: [{ constructPath: at, locations: [] }],
  };
}
