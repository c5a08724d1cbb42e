export type UnsupportedGoal = {
  readonly goal: string;
  /** What the error of the run must say. */
  readonly reason: RegExp;
  /** What becomes of each task; empty when no plan can be made. */
  readonly statuses: readonly string[];
};

const CSV = "species,island,mass\nAdelie,Dream,3700\nGentoo,Biscoe,n/a\n";

/** The workspace of these goals. */
export const unsupportedFiles: Readonly<Record<string, string>> = { "penguins.csv": CSV, "notes.txt": "Dear diary\n" };

/** Ten goals that the offline rules cannot do, and why. None of them may end in an answer. */
export const unsupportedGoals: readonly UnsupportedGoal[] = [
  {
    goal: "Translate notes.txt into French and write it to french.txt",
    reason: /step 1: .*translating needs a language model/u,
    statuses: ["failed", "cancelled"],
  },
  { goal: "Write a poem about penguins to poem.txt", reason: /step 1: .*writing prose needs a language model/u, statuses: ["failed"] },
  {
    goal: "Download https://example.com/data.csv and count its rows",
    reason: /nothing outside the workspace can be reached/u,
    statuses: ["failed"],
  },
  {
    goal: "1. Read penguins.csv. 2. Using step 1, email the table to my boss.",
    reason: /step 2: .*nothing can be sent/u,
    statuses: ["completed", "failed"],
  },
  { goal: "Which species should we protect first, and why?", reason: /judging and advising need a language model/u, statuses: ["failed"] },
  {
    goal: "Compute the mean mass per species in penguins.csv",
    reason: /column "mass" has the cell "n\/a" in data row 2/u,
    statuses: ["failed"],
  },
  {
    goal: "What is the standard deviation of mass in penguins.csv?",
    reason: /this statistic is not among the rules/u,
    statuses: ["failed"],
  },
  {
    goal: "Compute the mean wingspan per species in penguins.csv",
    reason: /no rule covers "wingspan.*the columns of penguins\.csv are "species"/u,
    statuses: ["failed"],
  },
  {
    goal: "1. Count the rows in penguins.csv. 2. Using step 7, write the result to n.txt.",
    reason: /step 2 refers to step 7/u,
    statuses: [],
  },
  {
    goal: "1. Using step 2, write the result to a.txt. 2. Using step 1, write the result to b.txt.",
    reason: /wait for each other/u,
    statuses: [],
  },
];

/** A goal that is done as far as it can be: the failed step takes only those with it that build on it. */
export const mixedGoal: UnsupportedGoal = {
  goal:
    "1. Count the rows per island in penguins.csv. 2. Draw a chart of the result of step 1. 3. Using step 2, write a report to chart.md. " +
    "4. Using step 1, write the table to counts.csv.",
  reason: /step 2: .*drawing is not among the rules/u,
  statuses: ["completed", "failed", "cancelled", "completed"],
};
