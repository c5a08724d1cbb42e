import { queueTable } from "../../../functions/queue-table.ts";
import { countConnections } from "../../../infra/constructs/count-connections.ts";
import { type Deployed, listDeployed } from "../template/deployed-functions.ts";
import { listResources, property, recordsOf } from "../template/resources.ts";
import { type Rule, type Synthesised, saying } from "./rule.ts";

/** Of the database's connections; the rest is for people, and for what takes over from the deployment before. */
const USABLE_SHARE = 0.8;

/**
 * DESIGN-AWS 10: however busy the system is, its functions hold less than 80 % of the database's connections. Each environment holds one. Its
 * bound is its reserved concurrency; else that of its queues, of the hands that invoke it, or of what API Gateway lets in.
 */
export const connections: Rule = ({ assembly, config }) => {
  const users = listDeployed(assembly).filter(({ environment }) => environment["DATABASE_URL"] !== undefined);
  const bounds = config.reservedConcurrency ? users.map(readReserved) : [...listUnreserved(users, assembly)];
  const unbound = bounds.filter(({ most }) => Number.isNaN(most)).map(({ name }) => `Nothing bounds how often ${name} runs at once.`);
  const sum = bounds.reduce((total, { most }) => total + (Number.isNaN(most) ? 0 : most), 0);
  const usable = Math.floor(countConnections(config.acu) * USABLE_SHARE);
  return [...unbound, ...saying([sum > usable, `Functions may hold ${sum} connections of the ${usable} that the database can give them.`])];
};

type Bound = { readonly name: string; readonly most: number };

function readReserved({ entry, properties }: Deployed): Bound {
  return { name: entry, most: Number(properties["ReservedConcurrentExecutions"] ?? Number.NaN) };
}

const atOnce = (consumer: string) =>
  Object.values(queueTable).reduce((sum, queue) => sum + (queue.consumer === consumer ? queue.maxConcurrency : 0), 0);

/** A bucket that holds `burst` and fills by `rate` a second has no more than `burst + rate × seconds` requests under way. */
function* listUnreserved(users: readonly Deployed[], assembly: Synthesised["assembly"]): Iterable<Bound> {
  for (const { entry } of users) {
    if (atOnce(entry) > 0) yield { name: entry, most: atOnce(entry) };
    // Each hand asks for one thing at a time.
    if (entry === "orchestrator/ledger") yield { name: entry, most: atOnce("ai-runtime/llm-worker") + atOnce("tool-runner/tool-worker") };
    if (entry === "orchestrator/migrate") yield { name: entry, most: 1 };
  }
  for (const stage of listResources(assembly, "AWS::ApiGateway::Stage")) {
    const seen = new Set<string>();
    for (const setting of recordsOf(property(stage, "MethodSettings"))) {
      const [burst, rate] = [Number(setting["ThrottlingBurstLimit"] ?? Number.NaN), Number(setting["ThrottlingRateLimit"] ?? Number.NaN)];
      const path = String(setting["ResourcePath"]);
      const name = `${path} at API Gateway`;
      // Routes of one function share its bound here as in infra/api/throttling.ts: the largest of them is counted.
      const kind = `${burst}/${rate}`;
      if (seen.has(kind)) continue;
      seen.add(kind);
      yield { name, most: Math.ceil(burst + rate * secondsOf(path)) };
    }
  }
}

/** How long an answer keeps its function: a segment of events 55 s, a tool 20 s, anything else half a second. */
function secondsOf(path: string): number {
  if (path.endsWith("events")) return 55;
  return path.includes("~1tools") || path.includes("executions") ? 20 : 0.5;
}
