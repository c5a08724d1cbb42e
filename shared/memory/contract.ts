import * as z from "zod";
import { pageOf, pageQuery } from "../platform/api/page.ts";
import { defineRoute } from "../platform/api/route.ts";
import { JsonObject } from "../platform/json.ts";

const Timestamp = z.iso.datetime({ offset: true });

export const MAX_CONTENT_BYTES = 65_536;
export const MAX_METADATA_BYTES = 16_384;
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

export const MemoryType = z.enum(["working", "short_term", "long_term", "episodic", "semantic"]);
export const MemoryScope = z
  .enum(["global", "user", "task", "session"])
  .describe("global is for everybody in the workspace, the others for their author");

const fields = {
  id: z.uuid(),
  user_id: z.uuid(),
  run_id: z.uuid().nullable().describe("the run that it remembers"),
  content: z.string(),
  memory_type: MemoryType,
  scope: MemoryScope,
  metadata: JsonObject,
  source: z.string().nullable(),
  confidence: z.number(),
  is_sensitive: z.boolean().describe("never recalled by agents, so no model sees it"),
  created_at: Timestamp,
  updated_at: Timestamp,
  expires_at: Timestamp.nullable(),
};
export const Memory = z.strictObject(fields).meta({ id: "Memory" });
export type Memory = z.infer<typeof Memory>;

export const FoundMemory = z
  .strictObject({ ...fields, relevance: z.number().nullable().describe("of a search; null in a list") })
  .meta({ id: "FoundMemory" });
export type FoundMemory = z.infer<typeof FoundMemory>;

export const NewMemory = z
  .strictObject({
    content: z
      .string()
      .refine((text) => text.trim() !== "", "must say something")
      .refine((text) => bytesOf(text) <= MAX_CONTENT_BYTES, `at most ${MAX_CONTENT_BYTES} bytes in UTF-8`),
    memory_type: MemoryType.default("long_term"),
    scope: MemoryScope.default("user"),
    metadata: JsonObject.default({}).refine(
      (value) => bytesOf(JSON.stringify(value)) <= MAX_METADATA_BYTES,
      `at most ${MAX_METADATA_BYTES} bytes as JSON`,
    ),
    source: z.string().min(1).max(255).optional(),
    confidence: z.number().min(0).max(1).default(1),
    is_sensitive: z.boolean().default(false),
    expires_at: Timestamp.optional(),
  })
  .meta({ id: "NewMemory" });
export type NewMemory = z.infer<typeof NewMemory>;

const common = { zone: "mind", auth: "user" } as const;
const params = z.strictObject({ memory_id: z.uuid() });

export const storeMemory = defineRoute({
  ...common,
  id: "store-memory",
  method: "POST",
  path: "/v1/memories",
  scopes: ["memories:write"],
  summary: "Store a memory",
  body: NewMemory,
  // Every character of the content may come escaped.
  limits: { bodyBytes: 6 * (MAX_CONTENT_BYTES + MAX_METADATA_BYTES) },
  idempotent: true,
  status: 201,
  response: Memory,
});

export const retrieveMemories = defineRoute({
  ...common,
  id: "retrieve-memories",
  method: "GET",
  path: "/v1/memories",
  scopes: ["memories:read"],
  summary: "Memories that match a query, the best first; without a query all, the newest first",
  query: z.strictObject({
    query: z.string().max(2_000).optional().describe('words, "a phrase", or, -not; the best `limit` are one page, without a next'),
    memory_type: MemoryType.optional(),
    scope: MemoryScope.optional(),
    ...pageQuery,
  }),
  status: 200,
  response: pageOf(FoundMemory),
});

export const getMemory = defineRoute({
  ...common,
  id: "get-memory",
  method: "GET",
  path: "/v1/memories/{memory_id}",
  scopes: ["memories:read"],
  summary: "A memory",
  params,
  status: 200,
  response: Memory,
});

export const deleteMemory = defineRoute({
  ...common,
  id: "delete-memory",
  method: "DELETE",
  path: "/v1/memories/{memory_id}",
  scopes: ["memories:write"],
  summary: "Delete an own memory for good",
  params,
  status: 204,
  response: null,
});

export const memoryRoutes = [storeMemory, retrieveMemories, getMemory, deleteMemory];
