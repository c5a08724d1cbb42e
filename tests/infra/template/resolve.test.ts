import { describe, expect, test } from "vitest";
import { type Assembly, Template } from "./assembly.ts";
import { findTarget, resolve } from "./resolve.ts";

const stack = (name: string, template: object) => ({ name, template: Template.parse(template), isProtected: false, tags: {} });

const assembly: Assembly = {
  stage: "dev",
  missing: [],
  images: [],
  stacks: [
    stack("data", {
      Resources: { Files: { Type: "AWS::S3::Bucket" } },
      Outputs: {
        Arn: { Value: { "Fn::GetAtt": ["Files", "Arn"] }, Export: { Name: "data:FilesArn" } },
        Name: { Value: { Ref: "Files" } },
      },
      Parameters: { Version: { Default: "7" } },
    }),
    stack("app", { Resources: {} }),
  ],
};

describe("a value of a template as a text", () => {
  test.each([
    ["a text", "plain", "plain"],
    ["a number", 7, "7"],
    ["a resource", { Ref: "Queue" }, "{app/Queue}"],
    ["an attribute", { "Fn::GetAtt": ["Queue", "Arn"] }, "{app/Queue.Arn}"],
    ["an attribute of an attribute", { "Fn::GetAtt": "Cluster.MasterUserSecret.SecretArn" }, "{app/Cluster.MasterUserSecret.SecretArn}"],
    ["a pseudo parameter", { Ref: "AWS::Region" }, "{AWS::Region}"],
    ["parts", { "Fn::Join": ["", ["arn:", { Ref: "AWS::Partition" }, ":x:", { Ref: "Queue" }]] }, "arn:{AWS::Partition}:x:{app/Queue}"],
    // oxlint-disable-next-line no-template-curly-in-string
    ["a text with gaps", { "Fn::Sub": "${AWS::Region}/${Queue.Arn}" }, "{AWS::Region}/{app/Queue.Arn}"],
    // oxlint-disable-next-line no-template-curly-in-string
    ["a text with gaps of its own", { "Fn::Sub": ["${name}!", { name: { Ref: "Queue" } }] }, "{app/Queue}!"],
    ["what another stack exports", { "Fn::ImportValue": "data:FilesArn" }, "{data/Files.Arn}"],
    ["what another stack puts out", { "Fn::GetStackOutput": { StackName: "data", OutputName: "Name" } }, "{data/Files}"],
    ["what cannot be said", { "Fn::Select": [0, []] }, '{"Fn::Select":[0,[]]}'],
  ])("is followed to its end: %s", (_kind, value, text) => {
    expect(resolve({ assembly, stack: "app" }, value)).toBe(text);
  });

  test("is a parameter's default", () => {
    expect(resolve({ assembly, stack: "data" }, { Ref: "Version" })).toBe("7");
  });

  test("speaks of a resource, whatever stands around it", () => {
    expect(findTarget("arn:{AWS::Partition}:states:{AWS::Region}:x:execution:{app/Run.Name}:*")).toBe("app/Run");
    expect(findTarget("arn:{AWS::Partition}:x")).toBeUndefined();
  });
});
