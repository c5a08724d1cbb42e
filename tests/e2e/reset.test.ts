import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { killAll, reach, startDev } from "./dev-process.ts";
import { runCommand } from "./run-command.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), "cognition-reset-"));
});
afterEach(async () => {
  await killAll();
  rmSync(home, { recursive: true, force: true });
});

describe("a reset", () => {
  test("removes the whole folder that a killed server has left, and says when there is none", { timeout: 60_000 }, async () => {
    const dev = startDev(home);
    await reach(dev);
    await dev.kill("SIGKILL");
    for (const name of [`pg.${dev.pid}`, "admin.key.writing"]) writeFileSync(path.join(home, name), "");

    expect(await runCommand(home, ["reset"])).toEqual({ code: 0, stdout: `Removed ${home}\n`, stderr: "" });
    expect(existsSync(home)).toBe(false);
    expect(await runCommand(home, ["reset"])).toEqual({ code: 0, stdout: `There is no ${home}\n`, stderr: "" });
  });

  test("of a folder that also holds other things leaves them", async () => {
    for (const name of ["pg", "s3", "papers"]) mkdirSync(path.join(home, name));
    for (const name of ["admin.key", "papers/thesis.md", "pg.notes"]) writeFileSync(path.join(home, name), "");

    const { code, stdout } = await runCommand(home, ["reset"]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: `Removed the state from ${home}; what else is in it is left\n` });
    expect(readdirSync(home).toSorted()).toEqual(["papers", "pg.notes"]);
    expect(readdirSync(path.join(home, "papers"))).toEqual(["thesis.md"]);
  });
});
