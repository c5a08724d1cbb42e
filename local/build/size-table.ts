import type { Metafile } from "esbuild";
import { budgets, type FunctionKind } from "./budgets.ts";

type Outputs = Metafile["outputs"];

/** Minified bytes of a function: what it loads at its start, and with everything it loads only when it is needed. */
export type FunctionSize = { readonly start: number; readonly total: number; readonly parts: readonly Part[] };

/** What the start is made of, largest first: packages, and our own folders below `shared/`. */
export type Part = { readonly name: string; readonly bytes: number };

export type SizedFunction = FunctionSize & { readonly entry: string; readonly kind: FunctionKind };

export function measureFunction({ outputs }: Metafile): FunctionSize {
  const { entry, chunks } = listStart(outputs);
  const start = [entry, ...chunks];
  return { start: sumBytes(outputs, start), total: sumBytes(outputs, Object.keys(outputs)), parts: listParts(outputs, start) };
}

/** The file that a function starts with, and the chunks that it needs to do so. What it starts as programs of their own stands beside. */
export function listStart(outputs: Outputs): { entry: string; chunks: readonly string[] } {
  const entries = Object.keys(outputs).filter((file) => outputs[file]?.entryPoint !== undefined);
  const entry = entries.find((file) => file.endsWith("/index.js")) ?? entries[0] ?? "";
  return { entry, chunks: listImported(outputs, entry) };
}

/** All chunks that `file` needs to be loaded. */
export function listImported(outputs: Outputs, file: string): readonly string[] {
  const needed = new Set([file]);
  // A set visits what is added while it is walked.
  for (const found of needed) {
    for (const { path, kind, external } of outputs[found]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) needed.add(path);
    }
  }
  return [...needed].slice(1);
}

function sumBytes(outputs: Outputs, files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
}

function listParts(outputs: Outputs, files: readonly string[]): Part[] {
  const parts = new Map<string, number>();
  for (const [input, { bytesInOutput }] of files.flatMap((file) => Object.entries(outputs[file]?.inputs ?? {}))) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? input.split("/").slice(0, 2).join("/");
    parts.set(name, (parts.get(name) ?? 0) + bytesInOutput);
  }
  return [...parts].map(([name, bytes]) => ({ name, bytes })).toSorted((left, right) => right.bytes - left.bytes);
}

/** What a complaint names. */
const NAMED_PARTS = 5;

/** A sentence for each function that is larger at its start than its kind may be. */
export function findExcess(functions: readonly SizedFunction[]): string[] {
  return functions.flatMap(({ entry, kind, start, parts }) => {
    const { bytes } = budgets[kind];
    if (start <= bytes) return [];
    const named = parts.slice(0, NAMED_PARTS).map((part) => `${part.name} ${kilobytes(part.bytes)}`);
    return [
      `${entry} loads ${kilobytes(start)} kB at its start; a function of kind ${kind} may load ${kilobytes(bytes)}: ${named.join(", ")} …`,
    ];
  });
}

/** One line for each function, largest first. */
export function formatSizes(functions: readonly SizedFunction[]): string {
  const rows = functions
    .toSorted((left, right) => right.start - left.start)
    .map(({ entry, kind, start, total }) => [entry, kind, kilobytes(start), kilobytes(budgets[kind].bytes), kilobytes(total)]);
  return [["function", "kind", "start kB", "budget", "all kB"], ...rows].map(formatRow).join("\n");
}

function formatRow(cells: readonly string[]): string {
  const [entry = "", kind = "", ...numbers] = cells;
  return [entry.padEnd(26), kind.padEnd(11), ...numbers.map((number) => number.padStart(9))].join("");
}

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1);
}
