import { type Answer, writeAnswer } from "./answer.ts";
import type { Incoming } from "./incoming.ts";
import { parseRequest } from "./parse-request.ts";
import type { Route, UseCase } from "./route.ts";

/** A route with its use-case, their types hidden so that many fit in one list. */
export type Binding<Result = Answer> = {
  readonly route: Route;
  /** Checks the request or throws; what it gives back carries it out. */
  prepare(incoming: Incoming): (newId: string) => Promise<Result>;
};

/** Ties a route to its use-case; the compiler holds the one to the other's schemas. */
export function bindRoute<const Declared extends Route>(route: Declared, run: UseCase<NoInfer<Declared>>): Binding {
  return {
    route,
    prepare(incoming) {
      const request = parseRequest(route, incoming);
      return async (newId) => writeAnswer(route, await run(request, newId));
    },
  };
}
