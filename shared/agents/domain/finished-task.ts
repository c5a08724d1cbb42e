/** What a plan that follows another calls a task which has completed: its results may be depended on, and it is not planned again. */
export function nameFinishedTask(ordinal: number): string {
  return `done-${ordinal}`;
}

/** The ordinal of the completed task that a plan names; undefined for the name of one of its own. */
export function readFinishedTask(id: string): number | undefined {
  const [, digits] = /^done-([1-9]\d{0,5})$/.exec(id) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
