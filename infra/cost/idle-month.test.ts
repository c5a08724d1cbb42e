import { describe, expect, test } from "vitest";
import { formatUsd } from "../../shared/platform/money.ts";
import { findNewAlwaysOn } from "./always-on.ts";
import { billMonth } from "./bill.ts";
import { listIdleCharges, sleepsWhenIdle } from "./idle-month.ts";
import { loadPrices } from "./price-table.ts";
import { Template } from "./template.ts";

type Resources = Record<string, { Type: string; Properties?: Record<string, unknown> }>;

const prices = loadPrices();

/** The least of each kind that costs while idle. */
const dev: Resources = {
  Key: { Type: "AWS::KMS::Key" },
  Secret: { Type: "AWS::SecretsManager::Secret" },
  Cluster: {
    Type: "AWS::RDS::DBCluster",
    Properties: { ManageMasterUserPassword: true, ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4 } },
  },
  Writer: { Type: "AWS::RDS::DBInstance", Properties: { DBInstanceClass: "db.serverless" } },
  Cache: { Type: "AWS::ElastiCache::ServerlessCache", Properties: { Engine: "valkey" } },
  Table: { Type: "AWS::DynamoDB::GlobalTable", Properties: { BillingMode: "PAY_PER_REQUEST" } },
  Bucket: { Type: "AWS::S3::Bucket" },
  Function: { Type: "AWS::Lambda::Function", Properties: { MemorySize: 512 } },
};

function idle(resources: Resources) {
  return billMonth(listIdleCharges([Template.parse({ Resources: resources })]), prices);
}

function amounts(resources: Resources) {
  return Object.fromEntries(idle(resources).lines.map(({ id, amount }) => [id, formatUsd(amount)]));
}

describe("an idle month", () => {
  test("is what keys, secrets and floors cost, the owner's secret included", () => {
    expect(amounts(dev)).toEqual({ "kms-key": "1", secret: "0.8", "aurora-storage": "0.1", "valkey-gb-hour": "6.132" });
    expect(formatUsd(idle(dev).total)).toBe("8.032");
    expect(findNewAlwaysOn("dev", idle(dev))).toEqual([]);
  });

  test("has ten metrics of alarms and a million looks at queues that no account pays for", () => {
    const alarm = { Type: "AWS::CloudWatch::Alarm" };
    const source = { Type: "AWS::Lambda::EventSourceMapping" };

    expect(amounts({ one: alarm, two: source })).toEqual({ "alarm-metric": "0", "sqs-request": "0" });
    expect(amounts(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`Alarm${index}`, alarm])))).toEqual({
      "alarm-metric": "0.1",
    });
    // 4 × 5 × 3 × 60 × 730 requests
    expect(amounts({ a: source, b: source, c: source, d: source })).toEqual({ "sqs-request": "0.6512" });
  });

  test("counts each metric that the calculation of an alarm reads", () => {
    const metrics = [{ Expression: "a / b" }, { MetricStat: {} }, { MetricStat: {} }];

    expect(idle({ Alarm: { Type: "AWS::CloudWatch::Alarm", Properties: { Metrics: metrics } } }).lines[0]?.quantity).toBe(2_000n);
  });

  test("has three dashboards that no account pays for, if they show at most fifty metrics", () => {
    const dashboard = (count: number) => {
      const widgets = [{ type: "metric", properties: { metrics: Array.from({ length: count }, () => ["AWS/SQS", "Age"]) } }];
      const [before, after] = JSON.stringify({ widgets: [{ type: "text" }, ...widgets] }).split("Age");
      const body = after === undefined ? before : { "Fn::Join": ["", [`${before}Age`, { Ref: "Queue" }, after]] };
      return { Type: "AWS::CloudWatch::Dashboard", Properties: { DashboardBody: count === 1 ? body : JSON.stringify({ widgets }) } };
    };

    expect(amounts({ small: dashboard(1), full: dashboard(50) })).toEqual({ dashboard: "0" });
    expect(amounts({ large: dashboard(51) })).toEqual({ "large-dashboard": "3" });
  });

  test("costs capacity for each instance of a database that never sleeps", () => {
    const cluster = { ...dev["Cluster"], Properties: { ServerlessV2ScalingConfiguration: { MinCapacity: 0.5 } } };
    const awake = { Cluster: { Type: "AWS::RDS::DBCluster", ...cluster }, Writer: dev["Writer"], Reader: dev["Writer"] } as Resources;

    expect(amounts(awake)).toMatchObject({ "aurora-acu-hour": "87.6" });
    expect([dev, awake].map((resources) => sleepsWhenIdle([Template.parse({ Resources: resources })]))).toEqual([true, false]);
  });

  test("costs an endpoint in each of its zones, and nothing for those of S3 and DynamoDB", () => {
    const endpoint = { Type: "AWS::EC2::VPCEndpoint", Properties: { VpcEndpointType: "Interface", SubnetIds: ["a", "b"] } };

    expect(amounts({ a: endpoint, b: { Type: "AWS::EC2::VPCEndpoint" } })).toEqual({ "endpoint-hour": "14.6" });
  });
});

describe("what newly costs while nobody comes is caught:", () => {
  const capacity = (MinCapacity: number) => ({
    Cluster: { Type: "AWS::RDS::DBCluster", Properties: { ServerlessV2ScalingConfiguration: { MinCapacity } } },
  });

  test.each<[string, Resources, string]>([
    ["a NAT gateway", { Nat: { Type: "AWS::EC2::NatGateway" } }, "nat-hour"],
    ["a public address", { Address: { Type: "AWS::EC2::EIP" } }, "public-ipv4-hour"],
    ["a database that never sleeps", capacity(0.5), "aurora-acu-hour"],
    [
      "functions kept warm",
      { Live: { Type: "AWS::Lambda::Alias", Properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } } } },
      "lambda-kept-warm",
    ],
    [
      "an endpoint",
      { Sqs: { Type: "AWS::EC2::VPCEndpoint", Properties: { VpcEndpointType: "Interface", SubnetIds: ["a"] } } },
      "endpoint-hour",
    ],
    ["the floor of Redis", { Cache: { Type: "AWS::ElastiCache::ServerlessCache", Properties: { Engine: "redis" } } }, "redis-gb-hour"],
    ["a firewall", { Firewall: { Type: "AWS::WAFv2::WebACL", Properties: { Rules: [] } } }, "waf-acl"],
  ])("%s", (_what, planted, price) => {
    expect(findNewAlwaysOn("dev", idle({ ...dev, ...planted }))).toEqual(
      expect.arrayContaining([expect.stringContaining(`dev pays for ${price} while idle`)]),
    );
  });

  test("more of what may cost, once it is more than ten dollars", () => {
    const keys = Object.fromEntries(["a", "b"].map((id) => [id, { Type: "AWS::KMS::Key" }]));

    expect(findNewAlwaysOn("dev", idle({ ...dev, ...keys }))).toEqual(["dev costs 10.032 a month while idle; always-on.ts allows 10."]);
  });
});

describe("what has no price is refused:", () => {
  test.each<[string, string, Record<string, unknown>, RegExp]>([
    ["a type that nobody heard of", "AWS::EC2::Instance", {}, /^Planted is of type AWS::EC2::Instance: say in priced-resources\.ts/],
    ["an instance of a fixed size", "AWS::RDS::DBInstance", { DBInstanceClass: "db.r8g.large" }, /db\.r8g\.large has no price/],
    ["provisioned capacity", "AWS::DynamoDB::Table", { BillingMode: "PROVISIONED" }, /provisioned capacity has no price/],
    ["pollers that are kept", "AWS::Lambda::EventSourceMapping", { ProvisionedPollerConfig: {} }, /provisioned pollers have no price/],
    ["a cache of the API", "AWS::ApiGateway::Stage", { CacheClusterEnabled: true }, /cache of API Gateway has no price/],
    [
      "a cache that is always scaled",
      "AWS::ElastiCache::ServerlessCache",
      { Engine: "valkey", CacheUsageLimits: { ECPUPerSecond: { Minimum: 1_000 } } },
      /least ECPU rate has no price/,
    ],
    ["a rule that runs by the clock", "AWS::Events::Rule", { ScheduleExpression: "rate(1 minute)" }, /wakes what should sleep/],
  ])("%s", (_what, type, properties, reason) => {
    expect(() => idle({ Planted: { Type: type, Properties: properties } })).toThrow(reason);
  });
});
