/** The names of a table, which the compiler forgets when an object is walked. */
export function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] {
  const names: Name[] = [];
  for (const name in table) names.push(name);
  return names;
}

/** A table of the same names, each row made anew. */
export function mapTable<Name extends string, Row, Made>(
  table: Readonly<Record<Name, Row>>,
  make: (name: Name, row: Row) => Made,
): Record<Name, Made> {
  const made = Object.fromEntries(namesOf(table).map((name) => [name, make(name, table[name])]));
  // Each name of the table has been given its row.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return made as Record<Name, Made>;
}

/** `planner/http` becomes PlannerHttp: constructs are named like that. */
export function toId(name: string, suffix = ""): string {
  return `${name.replaceAll(/(?:^|[/-])(\w)/g, (_, letter: string) => letter.toUpperCase())}${suffix}`;
}
