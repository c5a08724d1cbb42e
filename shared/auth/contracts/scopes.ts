import * as z from "zod";

/** What credentials may do. A route names the scopes that it requires; `admin` is about the deployment, and stands for no other. */
export const Scope = z.enum([
  "runs:read",
  "runs:write",
  "agents:read",
  "agents:write",
  "memories:read",
  "memories:write",
  "tools:read",
  "tools:write",
  "usage:read",
  "budgets:read",
  "budgets:write",
  "inbox:read",
  "inbox:write",
  "keys:read",
  "keys:write",
  "admin",
]);
export type Scope = z.infer<typeof Scope>;

/** All there is: what the embedded run's first key gets. */
export const everyScope: readonly Scope[] = Scope.options;

/** What a person who logged in may do in the own workspace. */
export const sessionScopes: readonly Scope[] = Scope.options.filter((scope) => scope !== "admin");
