import * as z from "zod";
import { pageOf, pageQuery } from "../../platform/api/page.ts";
import { defineRoute } from "../../platform/api/route.ts";
import { Scope } from "./scopes.ts";

const Timestamp = z.iso.datetime({ offset: true });
const closed = { zone: "mind", auth: "user" } as const;

const apiKey = {
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe("how the key begins"),
  scopes: z.array(Scope),
  created_at: Timestamp,
  expires_at: Timestamp.nullable(),
};
export const ApiKey = z.strictObject(apiKey).meta({ id: "ApiKey" });
export type ApiKey = z.infer<typeof ApiKey>;

/**
 * Not idempotent by key: the answer holds a secret, and secrets are not kept. Whoever lost an answer deletes the key and makes another.
 */
export const createApiKey = defineRoute({
  ...closed,
  id: "create-api-key",
  method: "POST",
  path: "/v1/auth/api-keys",
  scopes: ["keys:write"],
  summary: "Make an API key; it is shown this once",
  body: z.strictObject({
    name: z.string().trim().min(1).max(255),
    scopes: z
      .array(Scope)
      .min(1)
      .max(Scope.options.length)
      .optional()
      .describe("at most those of the credentials in use, which are the default"),
    expires_at: Timestamp.optional(),
  }),
  status: 201,
  response: z.strictObject({ ...apiKey, key: z.string() }),
});

export const listApiKeys = defineRoute({
  ...closed,
  id: "list-api-keys",
  method: "GET",
  path: "/v1/auth/api-keys",
  scopes: ["keys:read"],
  summary: "Own API keys, newest first",
  query: z.strictObject(pageQuery),
  status: 200,
  response: pageOf(ApiKey),
});

export const deleteApiKey = defineRoute({
  ...closed,
  id: "delete-api-key",
  method: "DELETE",
  path: "/v1/auth/api-keys/{key_id}",
  scopes: ["keys:write"],
  summary: "Revoke an API key",
  params: z.strictObject({ key_id: z.uuid() }),
  status: 204,
  response: null,
});

export const apiKeyRoutes = [createApiKey, listApiKeys, deleteApiKey];
