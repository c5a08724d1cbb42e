import type { Candidate } from "./choose-tables.ts";

/** A table with its header, ready to be asked. */
export type KnownTable = { readonly candidate: Candidate; readonly columns: readonly string[] };
