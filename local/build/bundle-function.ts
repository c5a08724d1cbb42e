import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type BuildOptions, build, type Metafile, type OutputFile } from "esbuild";
import { collapsedStatements } from "./collapse-statements.ts";
import { layBeside } from "./lay-beside.ts";
import { mergeStart } from "./merge-start.ts";
import { dropUnusedRequire, requireBanner } from "./require-banner.ts";
import { withoutSchemaWriter } from "./without-schema-writer.ts";
import { withoutUnusedFormats } from "./without-unused-formats.ts";

/** PGlite is the embedded run's database; pg asks for a native twin and for a file of passwords only where somebody has them. */
const neverDeployed = ["@electric-sql/*", "./node_modules/pg/lib/native/index.js", "pgpass"];

/** pg and zod look whether they run at Cloudflare; on Node 20 pg's look alone costs 14 ms, for it loads `fetch`. */
const isNode = { navigator: JSON.stringify({ userAgent: "Node.js" }) };

/** How every function is bundled; the tests of the zones bundle their planted breaches in the same way. */
export const functionOptions = {
  bundle: true,
  minify: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  external: neverDeployed,
  define: isNode,
  plugins: [withoutSchemaWriter, withoutUnusedFormats, collapsedStatements],
  loader: { ".wasm": "binary" },
  banner: { js: requireBanner },
  legalComments: "none",
  logLevel: "error",
  metafile: true,
} as const satisfies BuildOptions;

/** Programs that a function starts as processes and threads of their own: they lie beside it. */
const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tool-runner/sandbox": { child: "shared/tools/sandbox/child.ts", worker: "shared/tools/sandbox/worker.ts" },
};

/** Bundles one Lambda entry (`planner/http`) into a folder of its own; a file-less run (`write: false`) only tells what it holds. */
export async function bundleFunction(root: string, entry: string, write = true): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    ...functionOptions,
    absWorkingDir: root,
    entryPoints: { index: `functions/${entry}.ts`, ...companions[entry] },
    outdir: path.join("dist/functions", entry),
    write: false,
  });
  if (!write) return metafile;
  const written = await writeChunks(root, metafile, outputFiles);
  await layBeside(root, entry, written);
  // Programs beside a function may not reach into it, so what they share with it stays apart.
  return companions[entry] === undefined ? mergeStart(root, written) : written;
}

async function writeChunks(root: string, metafile: Metafile, chunks: readonly OutputFile[]): Promise<Metafile> {
  const outputs = { ...metafile.outputs };
  for (const chunk of chunks) {
    const text = dropUnusedRequire(chunk.text);
    const file = path.relative(root, chunk.path);
    const output = outputs[file];
    if (output !== undefined) outputs[file] = { ...output, bytes: Buffer.byteLength(text) };
    await mkdir(path.dirname(chunk.path), { recursive: true });
    await writeFile(chunk.path, text);
  }
  return { ...metafile, outputs };
}
