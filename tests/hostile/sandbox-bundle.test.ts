import { build } from "esbuild";
import { describe, expect, it } from "vitest";

/** What stands in a bundle of the given source. */
async function listInputs(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: "shared/tools/sandbox", loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    loader: { ".wasm": "binary" },
    logLevel: "silent",
    outdir: "nowhere",
  });
  return Object.keys(metafile.inputs);
}

const isAllowed = (path: string) =>
  path === "<stdin>" ||
  path.startsWith("shared/tools/sandbox/") ||
  /^node_modules\/(quickjs-emscripten-core|@jitl\/quickjs-[a-z-]+)\//.test(path);

describe("the bundle of the sandbox", () => {
  it.each(["./child.ts", "./worker.ts"])("%s holds the engine and nothing beside it", async (entry) => {
    const inputs = await listInputs(`import ${JSON.stringify(entry)};`);
    expect(inputs.filter((path) => !isAllowed(path))).toEqual([]);
    expect(inputs.some((path) => path.includes("quickjs-ng-wasmfile"))).toBe(true);
  });

  it("would be caught with a validator in it", async () => {
    const inputs = await listInputs(`import "./worker.ts"; import * as z from "zod"; console.log(z);`);
    expect(inputs.filter((path) => !isAllowed(path)).some((path) => path.startsWith("node_modules/zod/"))).toBe(true);
  });
});
