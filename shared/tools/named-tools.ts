import * as z from "zod";
import { type ToolSpec } from "./contract.ts";
import { WorkspacePath } from "./contracts/workspace-path.ts";

/** Named by the seed, without code that carries them out: in the table as disabled, offered to nobody. */
export const namedTools: readonly ToolSpec[] = [
  {
    name: "execute_python",
    type: "python",
    description: "Runs a Python program in a sandbox without network and returns its result.",
    parameters: z.strictObject({ code: z.string().min(1).max(100_000), files: z.array(WorkspacePath).max(16).optional() }),
    safety: "repeatable",
    timeout_seconds: 30,
  },
  {
    name: "http_request",
    type: "http",
    description: "Sends an HTTP request to a public address and returns the response.",
    parameters: z.strictObject({
      method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
      url: z.url().max(2_048),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().max(1_000_000).optional(),
    }),
    safety: "once",
    timeout_seconds: 30,
  },
  {
    name: "sql_query",
    type: "sql",
    description: "Runs one read-only SQL query and returns its rows.",
    parameters: z.strictObject({ query: z.string().min(1).max(20_000) }),
    safety: "repeatable",
    timeout_seconds: 30,
  },
  {
    name: "search_web",
    type: "search",
    description: "Searches the web and returns titles, addresses and excerpts.",
    parameters: z.strictObject({ query: z.string().min(1).max(1_000), limit: z.int().min(1).max(20).optional() }),
    safety: "repeatable",
    timeout_seconds: 30,
  },
];
