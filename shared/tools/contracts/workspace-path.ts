import * as z from "zod";

/** A path inside the workspace of a run: relative, forward slashes, no dot segments, no way out. */
export const WorkspacePath = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\w .@()+,=-]+(\/[\w .@()+,=-]+)*$/u, "letters, digits, spaces and . _ - @ ( ) + , = in segments separated by /")
  .refine(
    (path) => path.split("/").every((part) => part !== "." && part !== ".." && part.trim() === part && part !== ""),
    "no . or .. segments",
  )
  .refine((path) => !path.split("/").includes("__proto__"), "no segment named __proto__, which no program could use as a key");
