import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findHolder, lockFolder } from "./lock.ts";

let parent = "";
let folder = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "cognition-lock-"));
  folder = join(parent, "pg");
});
afterEach(() => rmSync(parent, { recursive: true }));

/** The claim of a process of this machine as it would have written it. */
function writeClaim(pid: number, text: string, birth = birthOf(pid)): void {
  writeFileSync(`${folder}.lock.${pid}-${birth}`, text);
}
const birthOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

describe.skipIf(process.platform !== "linux")("the lock of a folder", () => {
  test("is free again after its release, and leaves nothing behind", () => {
    const release = lockFolder(folder);
    expect(findHolder(folder)).toBe(process.pid);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({ detail: `${folder} is held by process ${process.pid}: stop that process first` }),
    );
    release();
    expect(findHolder(folder)).toBeUndefined();
    expect(readdirSync(parent)).toEqual([]);
    lockFolder(folder)();
  });

  test("says which living process holds it", () => {
    writeClaim(process.ppid, "holds\n");
    expect(findHolder(folder)).toBe(process.ppid);
    expect(() => lockFolder(folder)).toThrow(
      expect.objectContaining({ code: "wrong-configuration", detail: expect.stringContaining(`process ${process.ppid}:`) }),
    );
    expect(readdirSync(parent)).toHaveLength(1);
  });

  test("gives way to a lower pid that has not decided yet", () => {
    writeClaim(1, "");
    expect(findHolder(folder)).toBeUndefined();
    expect(() => lockFolder(folder)).toThrow(expect.objectContaining({ detail: expect.stringContaining("process 1:") }));
  });

  test("is taken from the dead, also when their pid lives on in another process or in this one", () => {
    writeClaim(deadPid(), "holds\n", "77");
    writeClaim(process.ppid, "holds\n", "77");
    writeClaim(process.pid, "holds\n", "77");
    const release = lockFolder(folder);
    expect(readdirSync(parent)).toEqual([`pg.lock.${process.pid}-${birthOf(process.pid)}`]);
    release();
  });

  test("of one folder is none of its neighbour's", () => {
    const release = lockFolder(join(parent, "other.pg"));
    expect(findHolder(folder)).toBeUndefined();
    lockFolder(folder)();
    expect(findHolder(join(parent, "other.pg"))).toBe(process.pid);
    release();
  });
});
