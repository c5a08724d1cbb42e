import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { applyMutant, type Mutant } from "./mutant.ts";
import { runTests, type TestOutcome, type TestRun } from "./run-tests.ts";

export type Verdict = { readonly mutant: Mutant; readonly outcome: TestOutcome };

export type Tree = {
  readonly root: string;
  /** The files to copy, as paths below the root. */
  readonly files: readonly string[];
  readonly env: NodeJS.ProcessEnv;
};

/**
 * Tries one mutant after the other in a copy of the tree, each against its own tests. A mutant is caught by a test that fails with it
 * and passes without it, so the tests run once unchanged first; throws when one of them fails then, or a mutant does not fit.
 */
export async function tryMutants(tree: Tree, mutants: readonly Mutant[], tell: (verdict: Verdict) => void): Promise<readonly Verdict[]> {
  const copy = await copyTree(tree);
  try {
    const originals = new Map<Mutant, { readonly path: string; readonly text: string; readonly mutated: string }>();
    for (const mutant of mutants) {
      const file = path.join(copy, mutant.file);
      const text = await readFile(file, "utf8");
      originals.set(mutant, { path: file, text, mutated: applyMutant(text, mutant) });
    }
    await expectPassing(copy, mutants, tree.env);
    const verdicts: Verdict[] = [];
    for (const [mutant, original] of originals) {
      await writeFile(original.path, original.mutated);
      const verdict = { mutant, outcome: await runTests(copy, mutant, tree.env) };
      await writeFile(original.path, original.text);
      tell(verdict);
      verdicts.push(verdict);
    }
    return verdicts;
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** Where a change may be tried. Whoever wants it removes it. */
export async function copyTree({ root, files }: Tree): Promise<string> {
  const copy = await mkdtemp(path.join(tmpdir(), "cognition-mutants-"));
  for (const file of files) {
    await mkdir(path.dirname(path.join(copy, file)), { recursive: true });
    await cp(path.join(root, file), path.join(copy, file));
  }
  await symlink(path.join(root, "node_modules"), path.join(copy, "node_modules"));
  return copy;
}

async function expectPassing(copy: string, mutants: readonly Mutant[], env: NodeJS.ProcessEnv): Promise<void> {
  for (const needsServices of [false, true]) {
    const concerned = mutants.filter((mutant) => (mutant.needsServices ?? false) === needsServices);
    const run: TestRun = { tests: [...new Set(concerned.flatMap(({ tests }) => tests))], needsServices };
    const outcome = run.tests.length === 0 ? { kind: "passed" as const } : await runTests(copy, run, env);
    if (outcome.kind === "failed") throw new Error(`Without any mutant this test fails already: ${outcome.test}`);
    if (outcome.kind === "broken") throw new Error(`Without any mutant the tests do not run: ${outcome.reason}`);
  }
}
