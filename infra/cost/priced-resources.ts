import * as z from "zod";
import { type Charge, HOURS_PER_MONTH } from "./charge.ts";
import type { PriceId } from "./price-table.ts";
import { nearestThousandth, thousandths } from "./quantity.ts";
import { type Resource, resourcesOfType, type Template } from "./template.ts";

/** What a resource costs in a month in which nobody uses it. Throws on a setting whose price it does not know. */
type Pricing = (properties: Resource["Properties"], template: Template) => readonly Charge[];

const one =
  (price: PriceId): Pricing =>
  () => [{ price, quantity: thousandths(1) }];
const allMonth =
  (price: PriceId): Pricing =>
  () => [{ price, quantity: thousandths(HOURS_PER_MONTH) }];

/** Resources that cost, or may cost, while nobody uses them. */
export const pricedResources: Readonly<Record<string, Pricing>> = {
  "AWS::KMS::Key": one("kms-key"),
  "AWS::SecretsManager::Secret": one("secret"),
  "AWS::EC2::NatGateway": allMonth("nat-hour"),
  "AWS::EC2::EIP": allMonth("public-ipv4-hour"),
  "AWS::EC2::VPCEndpoint": priceEndpoint,
  "AWS::RDS::DBCluster": priceCluster,
  "AWS::RDS::DBInstance": priceInstance,
  "AWS::ElastiCache::ServerlessCache": priceCache,
  "AWS::DynamoDB::GlobalTable": priceTable,
  "AWS::DynamoDB::Table": priceTable,
  "AWS::Lambda::Alias": priceWarmth,
  "AWS::Lambda::Version": priceWarmth,
  "AWS::Lambda::EventSourceMapping": pricePolling,
  "AWS::ApiGateway::Stage": priceApiStage,
  "AWS::WAFv2::WebACL": priceFirewall,
  "AWS::CloudWatch::Alarm": priceAlarm,
  "AWS::CloudWatch::CompositeAlarm": one("composite-alarm"),
  "AWS::CloudWatch::Dashboard": priceDashboard,
  "AWS::Events::Rule": priceRule,
};

function priceEndpoint(properties: Resource["Properties"]): Charge[] {
  const { VpcEndpointType, SubnetIds } = z
    .looseObject({ VpcEndpointType: z.string().default("Gateway"), SubnetIds: z.array(z.unknown()).default([]) })
    .parse(properties);
  if (VpcEndpointType === "Gateway") return [];
  return [{ price: "endpoint-hour", quantity: thousandths(SubnetIds.length * HOURS_PER_MONTH), why: "for each zone" }];
}

const Capacity = z.looseObject({ ServerlessV2ScalingConfiguration: z.looseObject({ MinCapacity: z.number() }) });

function priceCluster(properties: Resource["Properties"]): Charge[] {
  const { ManageMasterUserPassword } = z.looseObject({ ManageMasterUserPassword: z.boolean().default(false) }).parse(properties);
  const storage: Charge = { price: "aurora-storage", quantity: thousandths(1), why: "assumed while there is little in it" };
  return ManageMasterUserPassword ? [storage, { price: "secret", quantity: thousandths(1) }] : [storage];
}

function priceInstance(properties: Resource["Properties"], template: Template): Charge[] {
  const { DBInstanceClass } = z.looseObject({ DBInstanceClass: z.string() }).parse(properties);
  if (DBInstanceClass !== "db.serverless") throw new Error(`${DBInstanceClass} has no price in prices.json`);
  const [cluster, ...others] = resourcesOfType(template, "AWS::RDS::DBCluster");
  if (cluster === undefined || others.length > 0) throw new Error("an instance needs one cluster in its template");
  const { MinCapacity } = Capacity.parse(cluster.Properties).ServerlessV2ScalingConfiguration;
  if (MinCapacity === 0) return [];
  return [
    { price: "aurora-acu-hour", quantity: thousandths(MinCapacity * HOURS_PER_MONTH), why: `at least ${MinCapacity} ACU an instance` },
  ];
}

/** GB that are paid for however little is stored. */
const CACHE_FLOORS = { valkey: { price: "valkey-gb-hour", gigabytes: 0.1 }, redis: { price: "redis-gb-hour", gigabytes: 1 } } as const;

const CacheProperties = z.looseObject({
  Engine: z.enum(["valkey", "redis"]),
  CacheUsageLimits: z
    .looseObject({
      DataStorage: z.looseObject({ Minimum: z.number().default(0) }).optional(),
      ECPUPerSecond: z.looseObject({ Minimum: z.never("a least ECPU rate has no price in prices.json").optional() }).optional(),
    })
    .optional(),
});

function priceCache(properties: Resource["Properties"]): Charge[] {
  const { Engine, CacheUsageLimits } = CacheProperties.parse(properties);
  const { price, gigabytes } = CACHE_FLOORS[Engine];
  const least = Math.max(gigabytes, CacheUsageLimits?.DataStorage?.Minimum ?? 0);
  return [{ price, quantity: thousandths(least * HOURS_PER_MONTH), why: `at least ${least} GB` }];
}

function priceTable(properties: Resource["Properties"]): Charge[] {
  z.looseObject({ BillingMode: z.literal("PAY_PER_REQUEST", "provisioned capacity has no price in prices.json") }).parse(properties);
  return [];
}

const Warmth = z.looseObject({
  ProvisionedConcurrencyConfig: z.looseObject({ ProvisionedConcurrentExecutions: z.int() }).optional(),
});

function priceWarmth(properties: Resource["Properties"], template: Template): Charge[] {
  const count = Warmth.parse(properties).ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0;
  if (count === 0) return [];
  // An alias may mean any function of its template: the largest is the most that it can cost.
  const sizes = resourcesOfType(template, "AWS::Lambda::Function").map(({ Properties }) => readMegabytes(Properties));
  const gigabytes = Math.max(...sizes) / 1_024;
  return [
    { price: "lambda-kept-warm", quantity: nearestThousandth(count * gigabytes * HOURS_PER_MONTH * 3_600), why: `${count} kept warm` },
  ];
}

/** Of a function that says nothing. */
const LEAST_MEGABYTES = 128;

export function readMegabytes(properties: Resource["Properties"]): number {
  return z.looseObject({ MemorySize: z.int().default(LEAST_MEGABYTES) }).parse(properties).MemorySize;
}

const Mapping = z.looseObject({
  ProvisionedPollerConfig: z.never("provisioned pollers have no price in prices.json").optional(),
  Enabled: z.boolean().default(true),
});

/** Lambda asks an idle queue with five pollers, each of which waits 20 s for an answer; empty answers are paid for. */
const POLLS_PER_MONTH = 5 * (3_600 / 20) * HOURS_PER_MONTH;

function pricePolling(properties: Resource["Properties"]): Charge[] {
  if (!Mapping.parse(properties).Enabled) return [];
  return [{ price: "sqs-request", quantity: thousandths(POLLS_PER_MONTH), why: "Lambda's looks at empty queues, 5 every 20 s" }];
}

function priceApiStage(properties: Resource["Properties"]): Charge[] {
  z.looseObject({ CacheClusterEnabled: z.literal(false, "a cache of API Gateway has no price in prices.json").default(false) }).parse(
    properties,
  );
  return [];
}

function priceFirewall(properties: Resource["Properties"]): Charge[] {
  const { Rules } = z.looseObject({ Rules: z.array(z.unknown()).default([]) }).parse(properties);
  return [
    { price: "waf-acl", quantity: thousandths(1) },
    { price: "waf-rule", quantity: thousandths(Rules.length) },
  ];
}

const Alarm = z.looseObject({ Metrics: z.array(z.looseObject({ MetricStat: z.unknown().optional() })).optional() });

/** An alarm on a calculation is paid for each metric that it reads. */
function priceAlarm(properties: Resource["Properties"]): Charge[] {
  const metrics = Alarm.parse(properties).Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
  return [{ price: "alarm-metric", quantity: thousandths(metrics) }];
}

const MOST_METRICS_OF_A_FREE_DASHBOARD = 50;
const Widgets = z.looseObject({
  widgets: z.array(z.looseObject({ properties: z.looseObject({ metrics: z.array(z.unknown()).default([]) }).optional() })),
});

function priceDashboard(properties: Resource["Properties"]): Charge[] {
  const { widgets } = Widgets.parse(JSON.parse(joinText(properties["DashboardBody"])));
  const metrics = widgets.reduce((sum, widget) => sum + (widget.properties?.metrics.length ?? 0), 0);
  return [{ price: metrics > MOST_METRICS_OF_A_FREE_DASHBOARD ? "large-dashboard" : "dashboard", quantity: thousandths(1) }];
}

const Join = z.strictObject({ "Fn::Join": z.tuple([z.literal(""), z.array(z.unknown())]) });

/** A text of a template; what is known only when it is deployed becomes a letter. */
function joinText(value: unknown): string {
  if (typeof value === "string") return value;
  return Join.parse(value)
    ["Fn::Join"][1].map((part) => (typeof part === "string" ? part : "x"))
    .join("");
}

/** Rules on what AWS itself says are free; what runs by the clock keeps a database awake that should sleep. */
function priceRule(properties: Resource["Properties"]): Charge[] {
  const message = "a rule that runs by the clock wakes what should sleep, which has no price in prices.json";
  z.looseObject({ ScheduleExpression: z.never(message).optional() }).parse(properties);
  return [];
}
