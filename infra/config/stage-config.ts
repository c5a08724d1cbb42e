import * as z from "zod";
import { RegistrationPolicy } from "../../shared/auth/contracts/registration-policy.ts";

/** What of the network lets the mind reach SQS and Step Functions: an egress-only gateway, interface endpoints alone, or NAT. */
const Egress = z.enum(["ipv6", "endpoints", "nat"]);

/** The engine of ElastiCache Serverless, or DynamoDB, which has no floor price. */
const CacheKind = z.enum(["valkey", "redis", "dynamodb"]);

/** Aurora capacity units, 2 GiB each. A minimum of 0 lets the database sleep when nobody is connected. */
const Capacity = z.strictObject({ min: z.number(), max: z.number() });

/** The switches of one stage. `stages.ts` holds each stage's, `-c <switch>=<value>` sets one for a single synthesis. */
export const StageConfig = z.strictObject({
  stage: z.enum(["dev", "prod", "local"]),
  region: z.string(),
  egress: Egress,
  cache: CacheKind,
  acu: Capacity,
  /** Aurora readers, each in another zone than the writer: what stands by when a zone is lost. */
  readers: z.number(),
  registration: RegistrationPolicy,
  /** A firewall before the API. */
  waf: z.boolean(),
  /** Data outlives its stack: deletion protection, a last snapshot, long backups. */
  retain: z.boolean(),
  /** How long log groups keep lines. */
  logDays: z.number(),
  /** Each function keeps its concurrency for itself; an account with the first quota of 10 refuses that. */
  reservedConcurrency: z.boolean(),
  /** Of agents that name none, as `provider:model`. */
  model: z.string(),
  /** A server that speaks OpenAI's protocol, instead of the vendor's. */
  openAiBaseUrl: z.string().optional(),
  /** Who is told of alarms. */
  alarmEmail: z.string().optional(),
});
export type StageConfig = z.infer<typeof StageConfig>;

export type StageName = StageConfig["stage"];
