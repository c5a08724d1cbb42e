import { readFileSync } from "node:fs";
import validate from "asl-validator";
import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport, PolicyViolation } from "aws-cdk-lib";
import * as z from "zod";

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() })),
});

/** A text, or one that CloudFormation puts together of texts and of values that are known later. */
const Definition = z.union([z.string(), z.object({ "Fn::Join": z.tuple([z.string(), z.array(z.unknown())]) })]);

/** Judges state machines: no other check of a template reads their language. */
export const stateMachineRules: IPolicyValidationPlugin = {
  name: "States Language",
  validate({ stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = stackTemplates.flatMap(({ templatePath }) => judgeTemplate(templatePath));
    return { success: violations.length === 0, violations };
  },
};

function judgeTemplate(templatePath: string): PolicyViolation[] {
  const { Resources } = Template.parse(JSON.parse(readFileSync(templatePath, "utf8")));
  return Object.entries(Resources).flatMap(([resourceLogicalId, { Type, Properties }]) => {
    if (Type !== "AWS::StepFunctions::StateMachine") return [];
    const fault = findFault(Properties?.["DefinitionString"]);
    if (fault === undefined) return [];
    const violatingResources = [{ resourceLogicalId, templatePath, locations: ["Properties.DefinitionString"] }];
    return [{ ruleName: "valid-definition", description: fault, severity: "error", violatingResources }];
  });
}

/** What is wrong with a definition, or nothing. */
export function findFault(definition: unknown): string | undefined {
  const parsed = Definition.safeParse(definition);
  if (!parsed.success) return "The definition is no text in the template, so nobody can check it: give it as one.";
  const text = typeof parsed.data === "string" ? parsed.data : joinTexts(parsed.data["Fn::Join"]);
  try {
    const { isValid, errorsText } = validate(JSON.parse(text), { checkPaths: true, checkArn: true });
    return isValid ? undefined : errorsText(" ");
  } catch (error) {
    return `The definition is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function joinTexts([separator, parts]: readonly [string, readonly unknown[]]): string {
  return parts.map((part) => (typeof part === "string" ? part : "known-later")).join(separator);
}
