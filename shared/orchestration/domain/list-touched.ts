/** The rows that a judgement changed. */
export function touched<Row extends { id: string }>(rows: Iterable<Row>, ids: ReadonlySet<string>): Row[] {
  return [...rows].filter((row) => ids.has(row.id));
}
