import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import * as z from "zod";
import { readSourceFiles } from "../../tests/architecture/source-file.ts";
import { functionOptions } from "./bundle-function.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Bundles a source as a function is bundled. */
async function bundle(contents: string): Promise<string> {
  const stdin = { contents, resolveDir: root };
  const { outputFiles } = await build({
    ...functionOptions,
    absWorkingDir: root,
    stdin,
    outdir: "dist/planted",
    write: false,
    splitting: false,
  });
  return outputFiles[0]?.text ?? "";
}

test("a function reads text as ever, and says that it reads nothing in binary", async () => {
  const text = await bundle(
    `import types from "pg-types"; export const read = (oid, format, value) => types.getTypeParser(oid, format)(value);`,
  );
  const { read } = z
    .object({ read: z.custom<(oid: number, format: string, value: unknown) => unknown>((value) => typeof value === "function") })
    .parse(await import(`data:text/javascript,${encodeURIComponent(text.replaceAll("import.meta.url", '"file:///"'))}`));

  expect([read(23, "text", "42"), read(16, "text", "t")]).toEqual([42, true]);
  expect(() => read(23, "binary", Buffer.from([0, 0, 0, 42]))).toThrow("A function reads no results in binary");
});

test("nobody asks for what was left out", () => {
  const asking = readSourceFiles().filter(
    ({ file, code }) => /^(?:shared|functions)\//.test(file) && /\bbinary: true|ChannelBinding/.test(code),
  );
  expect(asking.map(({ file }) => file)).toEqual([]);
});
