import { queueTable } from "../../../functions/queue-table.ts";
import { countConnections } from "../../../infra/constructs/count-connections.ts";
import { type ApiMethod, listApiMethods } from "../template/api.ts";
import type { Assembly } from "../template/assembly.ts";
import { type Deployed, listDeployed } from "../template/deployed-functions.ts";
import { listResources, property, recordsOf } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** Of the database's connections; the rest is for people, and for what takes over from the deployment before. */
const USABLE_SHARE = 0.8;

/**
 * However busy the system is, its functions hold less than 80 % of the database's connections. Each environment holds one. Its
 * bound is its reserved concurrency; else that of its queues, of the hands that invoke it, or of what API Gateway lets into each method.
 */
export const connections: Rule = ({ assembly, config }) => {
  const users = listDeployed(assembly).filter(({ environment }) => environment["DATABASE_URL"] !== undefined);
  const bounds = config.reservedConcurrency ? users.map(readReserved) : users.flatMap((user) => listUnreserved(assembly, user));
  const unbound = bounds.filter(({ most }) => Number.isNaN(most)).map(({ name }) => `Nothing bounds how often ${name} runs at once.`);
  const sum = bounds.reduce((total, { most }) => total + (Number.isNaN(most) ? 0 : most), 0);
  const usable = Math.floor(countConnections(config.acu) * USABLE_SHARE);
  return [...unbound, ...saying([sum > usable, `Functions may hold ${sum} connections of the ${usable} that the database can give them.`])];
};

type Bound = { readonly name: string; readonly most: number };

function readReserved({ entry, properties }: Deployed): Bound {
  return { name: entry, most: Number(properties["ReservedConcurrentExecutions"] ?? Number.NaN) };
}

function listUnreserved(assembly: Assembly, { entry }: Deployed): readonly Bound[] {
  const methods = listApiMethods(assembly).filter((method) => method.entry === entry);
  if (methods.length > 0) return methods.map((method) => boundMethod(assembly, method));
  // Each hand asks the ledger for one thing at a time; one deployment migrates.
  if (entry === "orchestrator/ledger") return [{ name: entry, most: atOnce("ai-runtime/llm-worker") + atOnce("tool-runner/tool-worker") }];
  if (entry === "orchestrator/migrate") return [{ name: entry, most: 1 }];
  return [{ name: entry, most: atOnce(entry) === 0 ? Number.NaN : atOnce(entry) }];
}

function atOnce(consumer: string): number {
  return Object.values(queueTable).reduce((sum, queue) => sum + (queue.consumer === consumer ? queue.maxConcurrency : 0), 0);
}

/** A bucket that holds `burst` and fills by `rate` a second has no more than `burst + rate × seconds` requests under way. */
function boundMethod(assembly: Assembly, method: ApiMethod): Bound {
  const settings = listResources(assembly, "AWS::ApiGateway::Stage").flatMap((stage) => recordsOf(property(stage, "MethodSettings")));
  const own = settings.find(({ HttpMethod, ResourcePath }) => HttpMethod === method.method && ResourcePath === escapePath(method.path));
  const given = own ?? settings.find(({ HttpMethod }) => HttpMethod === "*");
  const [burst, rate] = [Number(given?.["ThrottlingBurstLimit"] ?? Number.NaN), Number(given?.["ThrottlingRateLimit"] ?? Number.NaN)];
  return { name: `${method.method} ${method.path}`, most: Math.ceil(burst + rate * secondsOf(method)) };
}

/** As CloudFormation wants the path of a method's settings. */
const escapePath = (path: string) => `/${path.replaceAll("/", "~1")}`;

/** How long an answer keeps its function: a segment of events 55 s, a call of a tool 20 s, anything else half a second. */
function secondsOf({ method, path, isStream }: ApiMethod): number {
  if (isStream) return 55;
  return method === "POST" && path.startsWith("/v1/tools/") ? 20 : 0.5;
}
