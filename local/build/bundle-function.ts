import path from "node:path";
import { type BuildOptions, build, type Metafile } from "esbuild";

/** PGlite is the embedded run's database and never deployed; pg asks for its native twin only where that was installed. */
const neverDeployed = ["@electric-sql/*", "pg-native"];

/** Packages in CommonJS ask for Node's own modules by `require`, which an ES module has not. */
const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

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
  loader: { ".md": "text", ".sql": "text", ".wasm": "binary" },
  banner: { js: banner },
  legalComments: "none",
  logLevel: "error",
  outExtension: { ".js": ".mjs" },
  metafile: true,
} as const satisfies BuildOptions;

/** Bundles one Lambda entry (`planner/http`) into a folder of its own; a file-less run (`write: false`) only tells what it holds. */
export async function bundleFunction(root: string, entry: string, write = true): Promise<Metafile> {
  const { metafile } = await build({
    ...functionOptions,
    absWorkingDir: root,
    entryPoints: { index: `functions/${entry}.ts` },
    outdir: path.join("dist/functions", entry),
    write,
  });
  return metafile;
}
