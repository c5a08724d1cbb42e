import type { GatewayRoute } from "./gateway-route.ts";

type Resource = { readonly path: string; readonly names: readonly string[]; readonly routes: Map<string, GatewayRoute> };

/** One level of the tree of resources. */
type Level = { readonly fixed: Map<string, Level>; any: Level | undefined; rest: Resource | undefined; here: Resource | undefined };

export type Router = { readonly root: Level };

export type RouteMatch =
  | { readonly kind: "route"; readonly route: GatewayRoute; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "wrong-method"; readonly methods: readonly string[] }
  | { readonly kind: "unknown" };

export function createRouter(routes: readonly GatewayRoute[]): Router {
  const root = createLevel();
  for (const route of routes) addRoute(root, route);
  return { root };
}

function createLevel(): Level {
  return { fixed: new Map(), any: undefined, rest: undefined, here: undefined };
}

function addRoute(root: Level, route: GatewayRoute): void {
  const segments = route.path.split("/").slice(1);
  const isGreedy = segments.at(-1)?.endsWith("+}") === true;
  let level = root;
  for (const segment of isGreedy ? segments.slice(0, -1) : segments) level = descend(level, segment);
  const names = segments.flatMap((segment) => /^\{(\w+)\+?\}$/.exec(segment)?.[1] ?? []);
  const fresh: Resource = { path: route.path, names, routes: new Map() };
  if (isGreedy) level.rest ??= fresh;
  else level.here ??= fresh;
  const resource = (isGreedy ? level.rest : level.here) ?? fresh;
  if (resource.path !== route.path) throw new Error(`${resource.path} and ${route.path} are one resource under two names`);
  if (resource.routes.has(route.method)) throw new Error(`${route.method} ${route.path} is routed twice`);
  resource.routes.set(route.method, route);
}

function descend(level: Level, segment: string): Level {
  if (segment.startsWith("{")) {
    level.any ??= createLevel();
    return level.any;
  }
  const next = level.fixed.get(segment) ?? createLevel();
  level.fixed.set(segment, next);
  return next;
}

/** A fixed segment goes before a parameter, a parameter before the rest of a path. HEAD is answered where GET is. */
export function matchRoute(router: Router, method: string, segments: readonly string[]): RouteMatch {
  const found = findResource(router.root, segments, []);
  if (found === undefined) return { kind: "unknown" };
  const { resource, values } = found;
  const route = resource.routes.get(method) ?? (method === "HEAD" ? headRoute(resource) : undefined);
  if (route === undefined) return { kind: "wrong-method", methods: allowedMethods(resource) };
  return { kind: "route", route, parameters: Object.fromEntries(resource.names.map((name, index) => [name, values[index] ?? ""])) };
}

/** A stream has no end to measure, so it has no HEAD. */
function headRoute(resource: Resource): GatewayRoute | undefined {
  const route = resource.routes.get("GET");
  return route?.stream === false ? route : undefined;
}

function allowedMethods(resource: Resource): string[] {
  return [...resource.routes.keys(), ...(headRoute(resource) === undefined ? [] : ["HEAD"]), "OPTIONS"];
}

type Found = { readonly resource: Resource; readonly values: readonly string[] };

function findResource(level: Level, segments: readonly string[], values: readonly string[]): Found | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return level.here && { resource: level.here, values };
  const fixed = level.fixed.get(segment);
  const found = fixed && findResource(fixed, rest, values);
  if (found !== undefined) return found;
  const any = segment === "" ? undefined : level.any && findResource(level.any, rest, [...values, segment]);
  if (any !== undefined) return any;
  return level.rest && { resource: level.rest, values: [...values, segments.join("/")] };
}
