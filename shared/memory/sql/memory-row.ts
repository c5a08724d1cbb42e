import * as z from "zod";
import { TimestampColumn } from "../../platform/db/columns.ts";
import { JsonObject } from "../../platform/json.ts";
import { MemoryScope, MemoryType } from "../contract.ts";

export const MEMORY_COLUMNS = `id, user_id, run_id, content, memory_type, scope, metadata, source, confidence, is_sensitive, created_at, updated_at, expires_at`;

export const MemoryRow = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  run_id: z.uuid().nullable(),
  content: z.string(),
  memory_type: MemoryType,
  scope: MemoryScope,
  metadata: JsonObject,
  source: z.string().nullable(),
  confidence: z.number(),
  is_sensitive: z.boolean(),
  created_at: TimestampColumn,
  updated_at: TimestampColumn,
  expires_at: TimestampColumn.nullable(),
});
