import * as z from "zod";
import { JsonObject } from "../../platform/json.ts";

/** As journaled and claimed: one call of one tool by an attempt. */
export const ToolRequest = z.strictObject({ tool: z.string(), call_id: z.string(), arguments: JsonObject });
export type ToolRequest = z.infer<typeof ToolRequest>;
