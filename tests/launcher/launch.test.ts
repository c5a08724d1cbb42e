import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
let tree = "";

/** A tree with the launcher, and with commands that the tests write. */
beforeEach(() => {
  tree = mkdtempSync(path.join(tmpdir(), "cognition-launch-"));
  for (const file of ["local/launch.mjs", "local/start.mjs", "local/bundle.mjs", "package.json", "package-lock.json"]) {
    cpSync(path.join(root, file), path.join(tree, file));
  }
  symlinkSync(path.join(root, "node_modules"), path.join(tree, "node_modules"));
});
afterEach(() => rmSync(tree, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(tree, file)), { recursive: true });
  writeFileSync(path.join(tree, file), text);
}

function launch(args: readonly string[], { env = {}, preload }: { env?: Record<string, string>; preload?: string } = {}) {
  const nodeArgs = [...(preload === undefined ? [] : ["--require", preload]), path.join(tree, "local/launch.mjs"), ...args];
  return spawnSync(process.execPath, nodeArgs, { cwd: tree, env: { ...process.env, ...env }, encoding: "utf8" });
}

describe("the launcher", () => {
  test("runs a command with its arguments and ends with its code, whatever is still open", () => {
    write("shared/greeting.ts", `export const greeting: string = "hello";`);
    write(
      "cli/goal.ts",
      `import { greeting } from "../shared/greeting.ts";
       export async function main(argv: string[]) {
         setInterval(() => undefined, 1_000);
         console.log(greeting, ...argv, process.env["COGNITION_ROOT"]);
         return 7;
       }`,
    );

    const { status, stdout, stderr } = launch(["goal", "a", "b"]);

    expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: `hello a b ${tree}\n`, stderr: "" });
  });

  test("bundles again when a source changed, and only then", () => {
    write("shared/text.ts", `export const text = "one";`);
    write("cli/goal.ts", `export { text as main } from "../shared/text.ts";`);
    write("cli/reset.ts", `import { text } from "../shared/text.ts"; export const main = async () => { console.log(text); return 0; };`);
    const bundled = path.join(tree, "dist/local/reset.js");

    const first = launch(["reset"]).stdout;
    const traced = `${readFileSync(bundled, "utf8")}\n// untouched\n`;
    writeFileSync(bundled, traced);
    const second = launch(["reset"]).stdout;
    const kept = readFileSync(bundled, "utf8");
    write("shared/text.ts", `export const text = "another";`);
    const third = launch(["reset"]).stdout;

    expect([first, second, third]).toEqual(["one\n", "one\n", "another\n"]);
    expect(kept).toBe(traced);
  });

  test("bundles again when what it bundled is gone", () => {
    write("cli/reset.ts", `export const main = async () => 3;`);
    launch(["reset"]);
    rmSync(path.join(tree, "dist/local/reset.js"));

    expect(launch(["reset"]).status).toBe(3);
  });

  test("runs a file that is no command", () => {
    write("bench/start.ts", `export const main = async (argv: string[]) => { console.log("bench", ...argv); return 0; };`);

    expect(launch(["run", "bench/start.ts", "5"]).stdout).toBe("bench 5\n");
  });

  test("says in one line why a command failed, and where when asked", () => {
    write("cli/migrate.ts", `export async function main(): Promise<number> {\n  throw new Error("The folder is locked.\\nBy 12.");\n}\n`);

    const short = launch(["migrate"]);
    const long = launch(["migrate"], { env: { COGNITION_DEBUG: "1" } });

    expect(short).toMatchObject({ status: 1, stdout: "", stderr: "The folder is locked. (COGNITION_DEBUG=1 shows where)\n" });
    expect(long.status).toBe(1);
    expect(long.stderr).toMatch(/cli\/migrate\.ts:2:/);
  });

  test("fails like the command when an error escapes it", () => {
    write(
      "local/dev.ts",
      `export const main = () => { setTimeout(() => { throw new Error("late"); }); return new Promise(() => undefined); };`,
    );

    expect(launch(["dev"])).toMatchObject({ status: 1, stderr: "late (COGNITION_DEBUG=1 shows where)\n" });
  });

  test("never fails an installation", () => {
    write("local/prepare.ts", `export const main = async () => { throw new Error("read-only file system"); };`);

    expect(launch(["prepare"])).toMatchObject({ status: 0, stderr: "Nothing was prepared: read-only file system\n" });
  });

  test.each([[[]], [["toast"]], [["run"]], [["constructor"]]])("explains its use when it is asked for %j", (args) => {
    expect(launch(args)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringMatching(/^Usage: .*\n$/) });
  });

  test.each(["18.20.4", "20.18.3"])("turns Node %s away in one line", (version) => {
    write("old.cjs", `Object.defineProperty(process.versions, "node", { value: "${version}" });`);

    expect(launch(["goal"], { preload: path.join(tree, "old.cjs") })).toMatchObject({
      status: 2,
      stdout: "",
      stderr: `CognitionOS needs Node 20.19 or later; this is Node ${version}.\n`,
    });
  });
});
