import * as z from "zod";

/** RFC 9457. `instance` is the request's id, as in the header x-request-id and in the log. */
export const Problem = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    retryable: z.boolean(),
    errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: "Problem", description: "Why a request was not carried out (RFC 9457)" });
export type Problem = z.infer<typeof Problem>;
