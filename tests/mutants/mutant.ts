/** A change of one line that breaks one invariant, and the tests that must notice. */
export type Mutant = {
  readonly name: string;
  /** The number of the invariant in docs/ARCHITECTURE.md, and its gist. */
  readonly invariant: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files of which at least one test must fail. */
  readonly tests: readonly string[];
  /** The tests need a real PostgreSQL or Redis. */
  readonly needsServices?: boolean;
};

/** Applies the change; a mutant that fits nowhere, or in two places, proves nothing and throws. */
export function applyMutant(text: string, { name, file, find, replace }: Pick<Mutant, "name" | "file" | "find" | "replace">): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`The mutant "${name}" fits ${count} places of ${file}; it must fit one.`);
  return text.replace(find, () => replace);
}
