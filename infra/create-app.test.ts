import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Annotations, CfnResource, Stack, Validations } from "aws-cdk-lib";
import { afterEach, expect, it } from "vitest";
import { createApp } from "./create-app.ts";
import { stateMachineRules } from "./validation/state-machine-rules.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Synthesises what is put into a stack, and gives its template. */
function synthesise(build: (stack: Stack) => void): unknown {
  const outdir = mkdtempSync(join(tmpdir(), "cognition-app-"));
  folders.push(outdir);
  const app = createApp({ outdir });
  Validations.of(app).addPlugins(stateMachineRules);
  build(new Stack(app, "Tried", { env: { region: "us-east-1" } }));
  return app.synth().getStackByName("Tried").template;
}

const put = (type: string, properties: Record<string, unknown>) => (stack: Stack) => {
  new CfnResource(stack, "Planted", { type, properties });
};

// The first synthesis of a process loads CDK's validator.
it("synthesises what nobody has anything against, without metadata of CDK's own", { timeout: 60_000 }, () => {
  const template = synthesise(put("AWS::S3::Bucket", { VersioningConfiguration: { Status: "Enabled" } }));

  expect(template).toMatchObject({ Resources: { Planted: { Type: "AWS::S3::Bucket" } } });
  expect(JSON.stringify(template)).not.toMatch(/aws:cdk|CDKMetadata/);
});

it.each([
  ["a property that there is not", "AWS::SQS::Queue", { VisibleTimeout: 30 }, /VisibleTimeout/],
  ["a value that only draws a warning", "AWS::S3::Bucket", { VersioningConfiguration: { Status: "Onn" } }, /WARNING[^]*Onn/],
  [
    "a state machine that leads nowhere",
    "AWS::StepFunctions::StateMachine",
    { RoleArn: "arn:aws:iam::111111111111:role/r", DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}' },
    /States Language/,
  ],
])("refuses %s", (_case, type, properties, said) => {
  expect(() => synthesise(put(type, properties))).toThrow(said);
});

it("refuses what CDK itself only warns of", () => {
  const build = (stack: Stack) => {
    put("AWS::S3::Bucket", {})(stack);
    Annotations.of(stack).addWarningV2("tried:warning", "Think again.");
  };

  expect(() => synthesise(build)).toThrow("Think again.");
});

it("refers from one stack to another so that the other cannot take away what is used", () => {
  const outdir = mkdtempSync(join(tmpdir(), "cognition-app-"));
  folders.push(outdir);
  const app = createApp({ outdir });
  const env = { region: "us-east-1" };
  const bucket = new CfnResource(new Stack(app, "Gives", { env }), "Bucket", { type: "AWS::S3::Bucket" });
  new CfnResource(new Stack(app, "Takes", { env }), "Topic", { type: "AWS::SNS::Topic", properties: { DisplayName: bucket.ref } });

  expect(JSON.stringify(app.synth().getStackByName("Takes").template)).toContain("Fn::ImportValue");
});
