import { type FunctionEntry, type FunctionSettings, functionTable } from "../../functions/function-table.ts";
import { queueTable } from "../../functions/queue-table.ts";
import type { ServedRoute } from "../../functions/route-table.ts";

/** Reached by no route and no queue: API Gateway and hands invoke them. */
const INVOKED = new Set<string>(["gateway/authorizer", "orchestrator/ledger", "tool-runner/sandbox"] satisfies FunctionEntry[]);

type NamedRoute = { readonly route: ServedRoute["route"]; readonly entry: string };

/**
 * What is wrong between routes and functions, a sentence each: a route without its function, a function that nothing reaches, one that
 * would have to stream and not to stream, and paths that API Gateway refuses.
 */
export function findRouteFaults(
  routes: readonly NamedRoute[],
  functions: Readonly<Record<string, FunctionSettings>> = functionTable,
): string[] {
  return [...findHomeless(routes, functions), ...findUnreached(routes, functions), ...findMixed(routes), ...findRenamedParameters(routes)];
}

function findHomeless(routes: readonly NamedRoute[], functions: Readonly<Record<string, FunctionSettings>>): string[] {
  return routes
    .filter(({ entry }) => functions[entry] === undefined)
    .map(
      ({ route, entry }) =>
        `${route.method} ${route.path} is answered by ${entry}, which is not in functions/function-table.ts: add its line there or correct functions/route-table.ts.`,
    );
}

function findUnreached(routes: readonly NamedRoute[], functions: Readonly<Record<string, FunctionSettings>>): string[] {
  const reached = new Set<string>([
    ...routes.map(({ entry }) => entry),
    ...Object.values(queueTable).map(({ consumer }) => consumer),
    ...INVOKED,
  ]);
  return Object.entries(functions)
    .filter(([entry, { isUpkeep }]) => isUpkeep !== true && !reached.has(entry))
    .map(
      ([entry]) =>
        `Nothing reaches the function ${entry}: give it a route in functions/route-table.ts or a queue in functions/queue-table.ts.`,
    );
}

function findMixed(routes: readonly NamedRoute[]): string[] {
  const streaming = new Set(routes.filter(({ route }) => route.stream === true).map(({ entry }) => entry));
  const buffered = new Set(routes.filter(({ route }) => route.stream !== true).map(({ entry }) => entry));
  return [...streaming]
    .filter((entry) => buffered.has(entry))
    .map((entry) => `${entry} has routes that stream and routes that do not: give one kind a function of its own.`);
}

/** API Gateway keeps a tree of resources: below one, a parameter has one name. */
function findRenamedParameters(routes: readonly NamedRoute[]): string[] {
  const names = new Map<string, string>();
  const faults = new Set<string>();
  for (const { route } of routes) {
    const segments = route.path.split("/").slice(1);
    for (const [depth, segment] of segments.entries()) {
      if (!segment.startsWith("{") || segment.endsWith("+}")) continue;
      const parent = `/${segments.slice(0, depth).join("/")}`;
      const known = names.get(parent) ?? segment;
      names.set(parent, known);
      if (known !== segment) faults.add(`Below ${parent} a parameter is called ${known} and ${segment}: API Gateway takes one name only.`);
    }
  }
  return [...faults];
}
