const known = new Map<string, readonly string[]>();

/**
 * The columns that a section of the apply statement takes out of its rows, `… AS c (id uuid, status text)`. In a bundle a statement has no
 * white space that Postgres does not need. @throws Error when it names none
 */
export function listColumns(sql: string): readonly string[] {
  let names = known.get(sql);
  if (names === undefined) {
    const list = /\bAS c ?\(([^)]*)\)/.exec(sql)?.[1];
    if (list === undefined) throw new Error(`a section names no columns: ${sql.slice(0, 80)}`);
    names = list.split(",").map((column) => column.trim().split(/\s/, 1)[0] ?? "");
    known.set(sql, names);
  }
  return names;
}
