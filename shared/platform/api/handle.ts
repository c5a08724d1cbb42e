import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import { AppError } from "../errors.ts";
import { uuidv7 } from "../ids.ts";
import { addLogContext, log, withLogContext } from "../log/logger.ts";
import type { Answer } from "./answer.ts";
import { problemAnswer } from "./answer-problem.ts";
import type { Binding } from "./bind-route.ts";
import { readIncoming } from "./incoming.ts";

export type ServiceDeps = {
  /**
   * Keeps the promise of the Idempotency-Key header; required as soon as one route takes it. Handed in, so that a function without such
   * routes neither holds the code nor needs a right to the table.
   */
  readonly answerOnce?: (binding: Binding) => Binding;
  readonly now?: () => Date;
};

/** Bindings of the routes below these paths, loaded by the first request for one of them: a cold start pays for what it is asked for. */
export type BindingGroup<Result = Answer> = { readonly below: readonly string[]; load(): Promise<readonly Binding<Result>[]> };

type Respond<Result> = (event: APIGatewayProxyEvent, context: Context) => Promise<Result | Answer>;

/** One Lambda handler for all routes of a service, in the proxy format of API Gateway's REST API. */
export function handleService(service: string, bindings: readonly (Binding | BindingGroup)[], deps: ServiceDeps = {}): Respond<Answer> {
  const promise = (binding: Binding) => keepPromise(binding, deps.answerOnce);
  const promised = bindings.map((item) =>
    "load" in item ? { ...item, load: async () => (await item.load()).map(promise) } : promise(item),
  );
  const respond = respondTo(promised, deps);
  return (event, context) => withLogContext({ service, requestId: event.requestContext.requestId }, () => respond(event, context));
}

function keepPromise(binding: Binding, answerOnce: ServiceDeps["answerOnce"]): Binding {
  if (binding.route.idempotent !== true) return binding;
  if (answerOnce === undefined) throw new AppError("wrong-configuration", `${binding.route.id} is idempotent but has no table`);
  return answerOnce(binding);
}

/**
 * The way of every request, streamed or not. It never rejects: whatever is thrown becomes a problem.
 * No early answer before the function's time is up: a killed function drops its connection and Postgres rolls back, an answered one
 * would be frozen with its transaction open.
 */
export function respondTo<Result extends { headers: Answer["headers"]; statusCode: number }>(
  bindings: readonly (Binding<Result> | BindingGroup<Result>)[],
  deps: ServiceDeps,
): Respond<Result> {
  const dispatch = createDispatch(bindings, deps);
  return async (event) => {
    const started = performance.now();
    const { requestId } = event.requestContext;
    let answer: Result | Answer;
    let error: unknown;
    try {
      answer = await dispatch(event);
    } catch (thrown) {
      error = thrown;
      answer = problemAnswer(thrown, requestId);
    }
    logAnswer(event, answer.statusCode, performance.now() - started, error);
    return { ...answer, headers: { ...COMMON_HEADERS, "x-request-id": requestId, ...answer.headers } };
  };
}

const COMMON_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function logAnswer({ httpMethod: method, resource: route }: APIGatewayProxyEvent, status: number, milliseconds: number, error: unknown) {
  const fields = { method, route, status, durationMs: Math.round(milliseconds) };
  if (status >= 500) log.error("request failed", { ...fields, error });
  else log.info("request answered", error instanceof AppError ? { ...fields, code: error.code } : fields);
}

function createDispatch<Result>(bindings: readonly (Binding<Result> | BindingGroup<Result>)[], deps: ServiceDeps) {
  const find = createFind(bindings);
  const now = deps.now ?? (() => new Date());
  return async (event: APIGatewayProxyEvent): Promise<Result> => {
    // Whoever asks for the head of an answer gets the head of what GET answers.
    const method = event.httpMethod === "HEAD" ? "GET" : event.httpMethod;
    const binding = await find(method, event.resource);
    if (binding === undefined) throw new AppError("not-found", "There is no such route");
    const incoming = readIncoming(event, now());
    addLogContext({ userId: incoming.identity?.userId });
    const run = binding.prepare(incoming);
    return run(uuidv7(incoming.now.getTime()));
  };
}

function createFind<Result>(bindings: readonly (Binding<Result> | BindingGroup<Result>)[]) {
  const table = new Map<string, Binding<Result>>();
  const groups = bindings.filter((item) => "load" in item);
  const add = (binding: Binding<Result>) => table.set(`${binding.route.method} ${binding.route.path}`, binding);
  for (const item of bindings) if (!("load" in item)) add(item);
  return async (method: string, resource: string): Promise<Binding<Result> | undefined> => {
    const isBelow = (path: string) => resource === path || resource.startsWith(`${path}/`);
    const group = table.has(`${method} ${resource}`) ? undefined : groups.find(({ below }) => below.some(isBelow));
    for (const binding of (await group?.load()) ?? []) add(binding);
    return table.get(`${method} ${resource}`);
  };
}
