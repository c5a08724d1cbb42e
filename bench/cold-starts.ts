import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { type FunctionEntry, functionEntries } from "../functions/function-table.ts";
import { type FunctionKind, kindOf } from "../local/build/budgets.ts";
import { bundleFunction, functionOptions } from "../local/build/bundle-function.ts";
import { listImported, listStart } from "../local/build/size-table.ts";

/** Files that a process loads, in their order, and what they are minified and compressed. */
export type ColdStart = { readonly files: readonly string[]; readonly bytes: number; readonly compressed: number };

export type ColdFunction = {
  readonly entry: FunctionEntry;
  readonly kind: FunctionKind;
  readonly start: ColdStart;
  /** Undefined where a call needs no more than the start. */
  readonly firstCall: ColdStart | undefined;
};

/**
 * What the first real call loads beside the SDK of AWS, its own group of routes or its own kind of message too, where models have a price and
 * the cache is a Valkey: a budget that looked at starts alone would be met by loading everything late.
 */
const loadedByFirstCall: Partial<Record<FunctionEntry, readonly string[]>> = {
  "auth/http": ["shared/auth/open-keys.ts", "shared/auth/token.ts"],
  "orchestrator/http": ["shared/orchestration/pool/bind-agents.ts"],
  // A goal is posted: the routes below /v1/tasks, and what carries this one out.
  "planner/http": [
    "shared/orchestration/runs/bind-tasks.ts",
    "shared/orchestration/plans/bind-plans.ts",
    "shared/orchestration/runs/s3-run-files.ts",
    "shared/orchestration/runs/open-runs.ts",
    "shared/orchestration/runs/post-goal.ts",
    "shared/usage/listed-prices.ts",
  ],
  "planner/events": ["shared/platform/cache/redis-cache.ts"],
  "tool-runner/http": [
    "shared/orchestration/calls/bind-calls.ts",
    "shared/orchestration/runs/open-runs.ts",
    "shared/orchestration/follow/open-follow.ts",
    "shared/platform/cache/redis-cache.ts",
  ],
  "ai-runtime/http": ["shared/usage/listed-prices.ts"],
  "ai-runtime/llm-worker": ["shared/llm/hands/openai-compatible.ts"],
  "orchestrator/conductor": [
    "shared/orchestration/conductor/process-phase.ts",
    "shared/orchestration/prices/exact-prices.ts",
    "shared/usage/listed-prices.ts",
    "shared/platform/cache/redis-cache.ts",
  ],
};

/** Builds every function that somebody waits for, and copies it to where no other build changes it. */
export async function buildFunctions(root: string, folder: string): Promise<ColdFunction[]> {
  const waitedFor = functionEntries.filter((entry) => kindOf[entry] !== "upkeep");
  return Promise.all(
    waitedFor.map(async (entry) => {
      const { outputs } = await bundleFunction(root, entry);
      await cp(path.join(root, "dist/functions", entry), path.join(folder, entry), { recursive: true });
      const placed = (file: string) => path.join(folder, entry, path.basename(file));
      const { entry: index, chunks } = listStart(outputs);
      const start = [...chunks, index];
      const late = (loadedByFirstCall[entry] ?? []).map((source) => findChunk(outputs, source));
      return {
        entry,
        kind: kindOf[entry],
        start: await describe([index].map(placed), start.map(placed)),
        firstCall:
          late.length === 0
            ? undefined
            : await describe(
                [index, ...late].map(placed),
                [...new Set([...start, ...late.flatMap((file) => [...listImported(outputs, file), file])])].map(placed),
              ),
      };
    }),
  );
}

/** A function that does nothing, of the same shape. */
export async function buildNothing(folder: string): Promise<ColdStart> {
  const file = path.join(folder, "nothing/index.js");
  await mkdir(path.dirname(file));
  await writeFile(path.join(path.dirname(file), "package.json"), '{ "type": "module" }\n');
  await build({
    ...functionOptions,
    splitting: false,
    stdin: { contents: "export const handler = async () => ({});" },
    outfile: file,
  });
  return describe([file], [file]);
}

/** The chunk that begins with this source, which is loaded late. */
function findChunk(outputs: Metafile["outputs"], source: string): string {
  const found = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === source);
  if (found === undefined) throw new Error(`${source} is loaded late by no function that says so: correct bench/cold-starts.ts`);
  return found;
}

async function describe(files: readonly string[], loaded: readonly string[]): Promise<ColdStart> {
  const contents = await Promise.all(loaded.map((file) => readFile(file)));
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  return {
    files,
    bytes: sum(contents.map((content) => content.byteLength)),
    compressed: sum(contents.map((content) => gzipSync(content).byteLength)),
  };
}
