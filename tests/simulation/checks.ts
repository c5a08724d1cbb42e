/** The invariants of the design by their numbers, and what holds the books and the code together besides. */
export const INVARIANTS = {
  "1 order": "a task begins when all it depends on completed",
  "2 once": "each completion counts once, and an effect has one hand at a time",
  "3 end": "every run reaches an end, and leaves nothing open",
  "4 contact": "a once effect is contacted once",
  "5 budget": "spent and held never pass a limit but for true bills above their holds",
  "6 epoch": "after an answered cancel or pause nothing is claimed, and no step of an older epoch or journal lands",
  "8 tenant": "rows of a run are rows of its workspace, and what they belong to is there",
  "11 replay": "decide gives the same again",
  "12 numbers": "the numbers of a run's facts are 1 to n",
  looks: "a run with something open is looked at soon, and within hours where its watchdog was lost",
  policy: "a task is tried as often and as late as its policy says",
  division: "subtasks lie where their run allows, and their task waits for them",
  inbox: "nobody is asked about what waits for nobody",
  books: "holds, budgets and bills say the same, and nothing is held at the end",
  load: "an agent never has more than it can take, and nothing at the end",
  locks: "no two transactions wait for each other",
  errors: "nothing fails that was not made to fail",
} as const;

export type Invariant = keyof typeof INVARIANTS;
export type Violation = { readonly invariant: Invariant; readonly detail: string };

/** Counts what was checked, so that a check that never ran is seen, and keeps what was found. */
export type Checks = {
  readonly counts: Partial<Record<Invariant, number>>;
  readonly violations: Violation[];
  check(invariant: Invariant, holds: boolean, detail: () => string): void;
};

export function createChecks(): Checks {
  const counts: Checks["counts"] = {};
  const violations: Violation[] = [];
  return {
    counts,
    violations,
    check(invariant, holds, detail) {
      counts[invariant] = (counts[invariant] ?? 0) + 1;
      if (!holds) violations.push({ invariant, detail: detail() });
    },
  };
}
