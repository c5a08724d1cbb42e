import * as z from "zod";

/** What an executor is answered whose subtasks were accepted: which task of the run each of them has become. */
export const ProposalResult = z.object({ subtasks: z.array(z.object({ id: z.string(), ordinal: z.int() })) });
export type ProposalResult = z.infer<typeof ProposalResult>;
