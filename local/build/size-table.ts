import type { Metafile } from "esbuild";

/** Minified bytes of a function: what it loads at start, and with everything it loads only when it is needed. */
export type FunctionSize = { readonly start: number; readonly total: number };

/** The file that a function starts with, and the chunks that it needs to do so. What it starts as programs of their own stands beside. */
export function listStart(outputs: Metafile["outputs"]): { entry: string; chunks: readonly string[] } {
  const entries = Object.keys(outputs).filter((file) => outputs[file]?.entryPoint !== undefined);
  const entry = entries.find((file) => file.endsWith("/index.js")) ?? entries[0] ?? "";
  const start = new Set([entry]);
  // A set visits what is added while it is walked.
  for (const file of start) {
    for (const { path, kind, external } of outputs[file]?.imports ?? []) {
      if (kind === "import-statement" && external !== true) start.add(path);
    }
  }
  return { entry, chunks: [...start].slice(1) };
}

export function measureFunction({ outputs }: Metafile): FunctionSize {
  const { entry, chunks } = listStart(outputs);
  const sum = (files: Iterable<string>) => [...files].reduce((bytes, file) => bytes + (outputs[file]?.bytes ?? 0), 0);
  return { start: sum([entry, ...chunks]), total: sum(Object.keys(outputs)) };
}

/** One line for each function, largest first. */
export function formatSizes(rows: readonly (FunctionSize & { readonly entry: string; readonly zone: string })[]): string {
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1).padStart(9);
  const lines = rows
    .toSorted((a, b) => b.start - a.start)
    .map(({ entry, zone, start, total }) => `${entry.padEnd(32)}${zone.padEnd(8)}${kilobytes(start)}${kilobytes(total)}`);
  return [`${"function".padEnd(32)}${"zone".padEnd(8)}${"start kB".padStart(9)}${"all kB".padStart(9)}`, ...lines].join("\n");
}
