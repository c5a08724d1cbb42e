import * as z from "zod";

/** What a person approves of a plan, once, and what its tasks are held to from then on. */
export const PlanContract = z.object({
  /** Hash of the terms that were approved; null while nobody has. */
  approved_sha256: z.string().nullable(),
  tools: z.array(z.string()),
  /** Paths in the workspace of the run. */
  files: z.array(z.string()),
});
export type PlanContract = z.infer<typeof PlanContract>;

/** What a run that shall wait for its plan's approval is born with. */
export const NO_PLAN_YET: PlanContract = { approved_sha256: null, tools: [], files: [] };

/** Nothing of a plan begins before. */
export function isUnapproved({ contract }: { contract: PlanContract | null }): boolean {
  return contract !== null && contract.approved_sha256 === null;
}
