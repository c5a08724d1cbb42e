import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import * as z from "zod";
import { readStageConfig } from "../config/read-stage-config.ts";
import { createApp } from "../create-app.ts";
import { DataStack } from "./data-stack.ts";

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) })),
});

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The data of a stage with other switches than its own, which CDK's validator has nothing against. */
function synthesise(context: Readonly<Record<string, string>>) {
  const outdir = mkdtempSync(join(tmpdir(), "cognition-data-"));
  folders.push(outdir);
  const app = createApp({ outdir });
  const config = readStageConfig((key) => context[key]);
  const stack = new DataStack(app, "Data", { env: { region: config.region }, config });
  const { Resources } = Template.parse(app.synth().getStackByName("Data").template);
  const find = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  return { find, types: new Set(Object.values(Resources).map(({ Type }) => Type)), resources: stack.resources, stack };
}

it("with NAT and Redis leads IPv4 out through one gateway, and lets nobody in who says no name", { timeout: 60_000 }, () => {
  const { find } = synthesise({ stage: "dev", egress: "nat", cache: "redis" });

  expect(find("AWS::EC2::NatGateway")).toHaveLength(1);
  expect(find("AWS::ElastiCache::User").map(({ Properties }) => [Properties["UserName"], Properties["AccessString"]])).toEqual([
    ["cognition-dev", expect.stringMatching(/^on ~\* -@all .*-@dangerous/)],
    ["default", "off -@all"],
  ]);
  expect(find("AWS::ElastiCache::ServerlessCache")).toMatchObject([{ Properties: { Engine: "redis", MajorEngineVersion: "7" } }]);
});

it("with NAT and readers survives the loss of a zone on the way out, too", () => {
  expect(synthesise({ stage: "prod", egress: "nat" }).find("AWS::EC2::NatGateway")).toHaveLength(2);
});

it("with endpoints alone has no route out, and with DynamoDB for a cache no cache to pay for", () => {
  const { find, types, resources, stack } = synthesise({ stage: "dev", egress: "endpoints", cache: "dynamodb" });
  const endpoints = find("AWS::EC2::VPCEndpoint").map(({ Properties }) => Properties);

  expect([...types].filter((type) => /Route$|Gateway$|ElastiCache/.test(type))).toEqual([]);
  expect(endpoints.map(({ VpcEndpointType }) => String(VpcEndpointType)).toSorted()).toEqual([
    "Gateway",
    "Gateway",
    "Interface",
    "Interface",
    "Interface",
  ]);
  for (const { PolicyDocument } of endpoints) {
    expect(PolicyDocument).toMatchObject({
      Statement: [{ Condition: { StringEquals: { "aws:ResourceAccount": { Ref: "AWS::AccountId" } } } }],
    });
  }
  expect(find("AWS::DynamoDB::Table")).toHaveLength(2);
  expect(stack.resolve(resources.cache.url)).toEqual({ "Fn::Join": ["", ["dynamodb:", stack.resolve(resources.cache.table?.tableName)]] });
});

it("on an emulator holds what it has, and names the database and the cache of the compose file", () => {
  const { types, resources } = synthesise({ stage: "local" });

  expect([...types].toSorted()).toEqual([
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SecretsManager::Secret",
  ]);
  expect(resources.network).toBeUndefined();
  expect(resources.database.url("http")).toBe("postgres://cognition:cognition@postgres:5432/cognition");
  expect(resources.cache.url).toBe("redis://valkey:6379");
});
