import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyMutant, type Mutant } from "./mutant.ts";
import { judgeReport } from "./run-tests.ts";
import { tryMutants } from "./try-mutants.ts";

const nodeModules = path.resolve(import.meta.dirname, "../../node_modules");
const files = {
  "guard.mjs": "export function mayStart(open) {\n  return open === 0;\n}\n",
  "guard.test.mjs": `import { expect, test } from "vitest";
import { mayStart } from "./guard.mjs";

test("starts when nothing is open", () => expect(mayStart(0)).toBe(true));
test("waits while something is open", () => expect(mayStart(1)).toBe(false));
`,
  "vitest.config.ts": `export default { test: { include: ["*.test.mjs"] } };\n`,
};
const mutant: Mutant = { name: "m", invariant: "1", file: "guard.mjs", find: "open === 0", replace: "true", tests: ["guard.test.mjs"] };
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));

let root = "";
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "cognition-mini-"));
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(root, file), text);
  await symlink(nodeModules, path.join(root, "node_modules"));
});
afterAll(async () => await rm(root, { recursive: true }));

const tryThese = async (...mutants: readonly Mutant[]) => {
  const verdicts = await tryMutants({ root, files: Object.keys(files), env }, mutants, () => undefined);
  return verdicts.map(({ outcome }) => outcome);
};

describe("a mutant", () => {
  test("is caught by the test that fails with it, survives unnoticed, and proves nothing when the file no longer loads", async () => {
    const harmless = { ...mutant, find: "open === 0", replace: "!(open > 0)" };
    const broken = { ...mutant, find: "return", replace: "return (" };

    expect(await tryThese(mutant, harmless, broken)).toEqual([
      { kind: "failed", test: "waits while something is open" },
      { kind: "passed" },
      { kind: "broken", reason: expect.any(String) },
    ]);
  });

  test("is not tried when its tests fail without it", async () => {
    await writeFile(path.join(root, "red.test.mjs"), `import { expect, test } from "vitest";\ntest("is red", () => expect(1).toBe(2));\n`);
    const red = tryMutants(
      { root, files: [...Object.keys(files), "red.test.mjs"], env },
      [{ ...mutant, tests: ["red.test.mjs"] }],
      () => undefined,
    );

    await expect(red).rejects.toThrow("Without any mutant this test fails already: is red");
  });

  test.each([
    ["nowhere", "open > 0", 0],
    ["in several places", "open", 2],
  ])("that fits %s is refused", (_where, find, count) => {
    expect(() => applyMutant(files["guard.mjs"], { ...mutant, find })).toThrow(`fits ${count} places of guard.mjs`);
  });

  test("may hold the marks that a replacement reads as groups", () => {
    expect(applyMutant("a = 1", { ...mutant, find: "1", replace: "$& $1" })).toBe("a = $& $1");
  });
});

test("a run without any test is not a pass", () => {
  const report = JSON.stringify({ success: true, testResults: [] });

  expect(judgeReport(report)).toEqual({ kind: "broken", reason: "no test was run" });
});
