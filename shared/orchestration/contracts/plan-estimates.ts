import * as z from "zod";

const Usd = z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, "a decimal number of dollars such as 0.25");

const work = {
  seconds: z
    .strictObject({ median: z.number(), p90: z.number() })
    .nullable()
    .describe("null: nothing like it has completed here, so it is unknown"),
  cost_usd: z
    .strictObject({ median: Usd, p90: Usd })
    .nullable()
    .describe("with its agent's model of today; null: unknown. What is free is known without any past"),
  samples: z.int().describe("completed tasks of the workspace that this rests on"),
  likeness: z
    .enum(["tools-and-complexity", "tools", "complexity", "kind"])
    .nullable()
    .describe("in what these were like it: the closest likeness with three of them, or else whatever there is of its kind"),
};

export const PlanEstimates = z
  .strictObject({
    past_tasks: z.int().describe("completed tasks of the workspace that were looked at, newest first"),
    seconds: z
      .strictObject({ median: z.number(), p90: z.number() })
      .nullable()
      .describe("to the end of the run, if every task finds room at once; null as soon as one part of it is unknown"),
    cost_usd: z
      .strictObject({ median: Usd, p90: Usd })
      .nullable()
      .describe("of all tasks together, with review and summary; null as soon as one part of it is unknown"),
    unknown: z.array(z.string()).describe("of which duration or price is unknown: tasks by id, and roles around the plan"),
    tasks: z.array(
      z.strictObject({
        id: z.string(),
        ...work,
        learned_complexity: z
          .enum(["low", "medium", "high"])
          .nullable()
          .describe("by the tokens that tasks with its tools took; null with fewer than three of them"),
      }),
    ),
    around: z.array(z.strictObject({ role: z.string(), ...work })).describe("review and summary"),
  })
  .meta({ id: "PlanEstimates", description: "What a plan will take and cost, learned from what completed in the workspace before" });
export type PlanEstimates = z.infer<typeof PlanEstimates>;
