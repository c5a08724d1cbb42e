import { App, type IPolicyValidationPlugin, type PolicyViolation } from "aws-cdk-lib";
import { describe, expect, test } from "vitest";
import type { Acknowledgement } from "../acknowledgements.ts";
import { stages } from "../config/stages.ts";
import { acknowledgedRules, judgeFindings } from "./acknowledged-rules.ts";

const reason = "Nothing of it matters in this test.";

function finding(ruleName: string, ...paths: readonly string[]): PolicyViolation {
  return { ruleName, description: "Something.", violatingResources: paths.map((constructPath) => ({ constructPath, locations: [] })) };
}

function judge(violations: readonly PolicyViolation[], ...list: readonly Acknowledgement[]) {
  const { open, acknowledged, unused } = judgeFindings("Pack", violations, stages.dev, list);
  const places = open.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath}`),
  );
  return { open: places, acknowledged, unused: unused.map(({ rule }) => rule) };
}

describe("a finding is acknowledged", () => {
  test("at the construct that is named, and below it", () => {
    const violations = [finding("S1", "cognition-dev-data/Files/Resource", "cognition-dev-data/Filesystem/Resource")];

    expect(judge(violations, { at: "data/Files", rule: "Pack::S1", reason })).toEqual({
      open: ["S1 cognition-dev-data/Filesystem/Resource"],
      acknowledged: 1,
      unused: [],
    });
  });

  test("in the stack that is named alone", () => {
    const violations = [finding("S1", "cognition-dev-app/Role", "cognition-dev-data/Role")];

    expect(judge(violations, { at: "app", rule: "Pack::S1", reason }).open).toEqual(["S1 cognition-dev-data/Role"]);
  });

  test("by its whole name, in which … stands for any text and nothing else does", () => {
    const violations = [
      finding("IAM5[Resource::arn:1/files/*]", "cognition-dev-app/A"),
      finding("IAM5[Resource::arn:1/secrets/*]", "cognition-dev-app/A"),
      finding("IAM5[Resource::*]", "cognition-dev-app/A"),
    ];

    expect(judge(violations, { at: "app", rule: "Pack::IAM5[Resource::…/files/*]", reason }).open).toEqual([
      "IAM5[Resource::arn:1/secrets/*] cognition-dev-app/A",
      "IAM5[Resource::*] cognition-dev-app/A",
    ]);
  });

  test("in the stages that have it alone", () => {
    const only: Acknowledgement = { at: "app", rule: "Pack::S1", reason, when: ({ stage }) => stage === "prod" };

    expect(judge([finding("S1", "cognition-dev-app/A")], only)).toEqual({ open: ["S1 cognition-dev-app/A"], acknowledged: 0, unused: [] });
  });
});

test("an acknowledgement that fits nothing is told, unless it is another pack's", () => {
  const list: readonly Acknowledgement[] = [
    { at: "app", rule: "Pack::S1", reason },
    { at: "app", rule: "Other::S1", reason },
  ];

  expect(judge([], ...list).unused).toEqual(["Pack::S1"]);
});

test("a synthesis is refused for an open finding, and for acknowledgements that nothing needs", () => {
  const pack = (violations: PolicyViolation[]): IPolicyValidationPlugin => ({
    name: "AwsSolutions",
    validate: () => ({ success: true, violations }),
  });
  const context = { stackTemplates: [], templatePaths: [], appConstruct: new App() };
  const report = acknowledgedRules(pack([finding("AwsSolutions-S99", "cognition-dev-data/Files")]), stages.dev).validate(context);

  expect(report.success).toBe(false);
  expect(report.violations[0]?.ruleName).toBe("AwsSolutions-S99");
  expect(report.violations.at(-1)).toMatchObject({ ruleName: "unused-acknowledgement", severity: "error" });
});
