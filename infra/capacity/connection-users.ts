import type { FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { queueTable } from "../../functions/queue-table.ts";
import { routeTable, type ServedRoute } from "../../functions/route-table.ts";
import { chooseThrottle, findThrottle, requestsAtOnce, type Throttle } from "../api/throttling.ts";

/** Functions of the mind: each of their environments holds one connection, as long as it lives. */
type DatabaseFunction = { [Entry in FunctionEntry]: (typeof functionTable)[Entry]["zone"] extends "mind" ? Entry : never }[FunctionEntry];

export type ConnectionUser = { readonly name: string; readonly connections: number; readonly because: string };

/** Of the database's connections, the rest is for people and for what takes over from a deployment before. */
const USABLE_SHARE = 0.8;

const consumersOf = (entry: FunctionEntry): number =>
  Object.values(queueTable).reduce((sum, { consumer, maxConcurrency }) => sum + (consumer === entry ? maxConcurrency : 0), 0);

/** Each invocation of a hand asks the ledger for one thing at a time: its claim, then extensions. */
const LEDGER = consumersOf("ai-runtime/llm-worker") + consumersOf("tool-runner/tool-worker");

/** How many of a function run at once, at most, where each keeps its concurrency for itself. */
const RESERVED: Readonly<Record<DatabaseFunction, number>> = {
  "gateway/http": 5,
  "auth/http": 20,
  "orchestrator/http": 10,
  "orchestrator/conductor": consumersOf("orchestrator/conductor"),
  "orchestrator/ledger": LEDGER,
  "orchestrator/migrate": 1,
  "memory/http": 20,
  "planner/http": 50,
  "planner/events": 75,
  "ai-runtime/http": 10,
  "tool-runner/http": 50,
};

/** Undefined for a function without a database: it needs no limit. */
export function findReserved(entry: FunctionEntry): number | undefined {
  return Object.entries(RESERVED).find(([name]) => name === entry)?.[1];
}

/**
 * Who may hold how many connections at once. With reserved concurrency that is a limit which Lambda keeps. Without it queues bound their
 * consumers and consumers the ledger, and HTTP functions are bounded by what API Gateway lets into each method: a bucket of `burst` requests
 * that fills by `rate` a second never has more than `burst + rate × seconds of an answer` under way. A target, not a promise: the guide says
 * that API Gateway may let in more.
 */
export function listConnectionUsers({ reservedConcurrency }: { readonly reservedConcurrency: boolean }): ConnectionUser[] {
  if (reservedConcurrency) {
    return Object.entries(RESERVED).map(([name, connections]) => ({ name, connections, because: "its reserved concurrency" }));
  }
  const visitors = routeTable.flatMap((served) => {
    const throttle = findThrottle(served) ?? chooseThrottle({ reservedConcurrency });
    return listMethods(served).map((method) => countVisitors(`${method} ${served.route.path}`, throttle));
  });
  return [
    ...visitors,
    { name: "orchestrator/conductor", connections: RESERVED["orchestrator/conductor"], because: "the concurrency of its queues" },
    { name: "orchestrator/ledger", connections: RESERVED["orchestrator/ledger"], because: "one for each hand that works" },
    { name: "orchestrator/migrate", connections: RESERVED["orchestrator/migrate"], because: "one deployment" },
  ];
}

/** Where GET is answered and does not stream, HEAD is. */
function listMethods({ route }: ServedRoute): readonly string[] {
  return route.method === "GET" && route.stream !== true ? ["GET", "HEAD"] : [route.method];
}

function countVisitors(name: string, throttle: Throttle): ConnectionUser {
  const { rate, burst, answerSeconds } = throttle;
  return {
    name,
    connections: requestsAtOnce(throttle),
    because: `${burst} requests at once and ${rate} a second, of ${answerSeconds} s each`,
  };
}

/** Undefined when the database has room for all, else a sentence that says what to do. */
export function findConnectionShortage(config: { readonly reservedConcurrency: boolean }, maxConnections: number): string | undefined {
  const sum = listConnectionUsers(config).reduce((total, { connections }) => total + connections, 0);
  const usable = Math.floor(maxConnections * USABLE_SHARE);
  if (sum <= usable) return undefined;
  return `Functions may hold ${sum} connections, but the database gives ${usable} (80 % of ${maxConnections}): raise acu.max, or lower concurrency in infra/capacity/connection-users.ts and infra/api/throttling.ts.`;
}
