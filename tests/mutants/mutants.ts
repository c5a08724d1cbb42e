import type { Mutant } from "./mutant.ts";

/** Every guard of an invariant, removed one at a time. */
export const mutants: readonly Mutant[] = [];
