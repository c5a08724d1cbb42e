import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

const WRITER = /[/\\]zod[/\\]v4[/\\]core[/\\](?:to-json-schema|json-schema-processors)\.js$/;

/**
 * Leaves zod's writer of JSON Schemas out of a bundle: a fifth of zod, which every schema holds on to for a method that no function calls
 * (`tests/architecture/walls.ts`). What it exports stays and throws.
 */
export const withoutSchemaWriter: Plugin = {
  name: "without-schema-writer",
  setup(build) {
    build.onLoad({ filter: WRITER }, async ({ path }) => {
      const exported = (await readFile(path, "utf8")).matchAll(/^export (?:(?:const|function) |\{ \w+ as )(\w+)/gm);
      const refusal = 'function refuse() { throw new Error("A function holds no writer of JSON Schemas: write them down before"); }';
      return { contents: [refusal, ...[...exported].map(([, name]) => `export { refuse as ${name} };`)].join("\n") };
    });
  },
};
