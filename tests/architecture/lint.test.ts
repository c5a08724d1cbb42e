import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import * as z from "zod";

const root = path.resolve(import.meta.dirname, "../..");
const lines = (count: number, line: string) => `${line}\n`.repeat(count);

/** Each rule of the house with the least that breaks it. */
const planted: readonly [rule: string, file: string, text: string][] = [
  ["no-explicit-any", "shared/a.ts", "export const a = (value: any): unknown => value;"],
  ["no-non-null-assertion", "shared/b.ts", "export const b = (list: readonly string[]) => list[0]!.length;"],
  ["no-floating-promises", "shared/c.ts", "const work = async () => await Promise.resolve();\nexport const c = () => {\n  work();\n};"],
  ["no-misused-promises", "shared/d.ts", "export const d = (list: string[]) => list.forEach(async (item) => await Promise.resolve(item));"],
  [
    "return-await",
    "shared/e.ts",
    "export const e = async (work: () => Promise<void>) => {\n  try {\n    return work();\n  } catch {\n    return;\n  }\n};",
  ],
  [
    "switch-exhaustiveness-check",
    "shared/f.ts",
    `export function f(kind: "a" | "b") {\n  switch (kind) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}`,
  ],
  ["consistent-type-imports", "shared/g.ts", `import { ChildProcess } from "node:child_process";\nexport type G = ChildProcess;`],
  ["no-unsafe-type-assertion", "shared/h.ts", "export const h = (row: unknown) => row as string;"],
  ["no-unsafe-assignment", "shared/i.ts", "export const i: string = JSON.parse(`1`);"],
  ["no-process-env", "shared/j.ts", "export const j = process.env;"],
  ["no-process-env", "functions/k.ts", `export const k = process.env["K"];`],
  ["no-console", "shared/l.ts", `export const l = () => console.log("l");`],
  ["no-console", "functions/m.ts", `export const m = () => console.error("m");`],
  ["max-lines", "shared/n.ts", lines(401, "export {};")],
  ["max-lines-per-function", "shared/o.ts", `export function o(list: string[]) {\n${lines(60, `  list.push("o");`)}}`],
  ["complexity", "shared/p.ts", `export const p = (n: number) => ${lines(12, "n === 1 ||").replaceAll("\n", " ")} n === 2;`],
  ["no-cycle", "shared/q.ts", `import { r } from "./r.ts";\nexport const q = () => r;`],
  ["no-restricted-imports", "shared/s.ts", `import { createClient } from "redis";\nexport const s = createClient;`],
  ["no-barrel-file", "shared/t.ts", `export * from "./a.ts";`],
  [
    "no-restricted-vi-methods",
    "shared/u.test.ts",
    `import { expect, test, vi } from "vitest";\nvi.mock("./a.ts");\ntest("u", () => expect(1).toBe(1));`,
  ],
  ["expect-expect", "tests/v.test.ts", `import { test } from "vitest";\ntest("v", () => undefined);`],
  ["no-disabled-tests", "tests/w.test.ts", `import { expect, test } from "vitest";\ntest.skip("w", () => expect(1).toBe(1));`],
];
const beside: readonly [file: string, text: string][] = [["shared/r.ts", `import { q } from "./q.ts";\nexport const r = () => q;`]];
const allowed: readonly [what: string, file: string, text: string][] = [
  ["the environment in its one place", "shared/platform/config/env.ts", "export const env = process.env;"],
  ["the environment in the embedded run", "local/dev.ts", "export const env = process.env;"],
  ["printing on the command line", "cli/goal.ts", `export const print = () => console.log("goal");`],
  [
    "a long test",
    "tests/long.test.ts",
    `import { expect, test } from "vitest";\ntest("long", () => {\n${lines(70, "  expect(1).toBe(1);")}});`,
  ],
];

/** A folder with our settings in which files stand where they would stand in this repository. */
const folder = mkdtempSync(path.join(tmpdir(), "cognition-lint-"));
for (const name of [".oxlintrc.json", "tsconfig.json", "package.json"]) cpSync(path.join(root, name), path.join(folder, name));
symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
for (const [file, text] of [...planted.map(([, ...rest]) => rest), ...beside, ...allowed.map(([, ...rest]) => rest)]) {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), text);
}
afterAll(() => rmSync(folder, { recursive: true }));

const Findings = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) });
const linter = path.join(root, "node_modules/oxlint/bin/oxlint");
const printed = spawnSync(process.execPath, [linter, "--type-aware", "--format", "json"], { cwd: folder, encoding: "utf8" });
const { diagnostics } = Findings.parse(JSON.parse(printed.stdout));
const rulesBroken = (file: string) => diagnostics.filter(({ filename }) => filename === file).map(({ code }) => code);

test.each(planted)("lint catches a breach of %s, planted in %s", (rule, file) => {
  expect(rulesBroken(file)).toContainEqual(expect.stringContaining(`(${rule})`));
});

test.each(allowed)("lint allows %s", (_what, file) => {
  expect(rulesBroken(file)).toEqual([]);
});
