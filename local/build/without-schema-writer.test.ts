import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { functionOptions } from "./bundle-function.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Bundles a source as a function is bundled and imports it. */
async function load(contents: string): Promise<{ handler(): unknown }> {
  const { outputFiles } = await build({
    ...functionOptions,
    absWorkingDir: root,
    stdin: { contents, resolveDir: root },
    outdir: "dist/planted",
    write: false,
    splitting: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text.replaceAll("import.meta.url", '"file:///"') ?? "")}`);
}

const schema = `import * as z from "zod"; const Bird = z.strictObject({ name: z.string().min(1), eggs: z.int().optional() });`;

test("a function's schemas read as ever", async () => {
  const { handler } = await load(
    `${schema} export const handler = () => [{ name: "x" }, { name: "", eggs: 0.5 }].map((bird) => Bird.safeParse(bird).error?.issues.length);`,
  );
  expect(handler()).toEqual([undefined, 2]);
});

test("and one that would describe itself says why it cannot", async () => {
  const { handler } = await load(`${schema} export const handler = () => z.toJSONSchema(Bird);`);
  expect(handler).toThrow("A function holds no writer of JSON Schemas: write them down before");
});
