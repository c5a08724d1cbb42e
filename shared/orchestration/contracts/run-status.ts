import * as z from "zod";

export const RunStatus = z.enum(["pending", "running", "paused", "completed", "failed", "cancelled"]);
