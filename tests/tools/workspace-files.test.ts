import { beforeEach, describe, expect, it } from "vitest";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { listFiles, readFile, type WorkspaceFiles, writeFile } from "../../shared/tools/workspace-files.ts";
import { createWorkspace } from "./workspace.ts";

let workspace: WorkspaceFiles;
beforeEach(async () => {
  workspace = await createWorkspace();
});
const read = async (path: string) => Buffer.from(await readFile(workspace, path, 1_000_000)).toString();

describe("the files of a run", () => {
  it("are none at first", async () => {
    expect(await listFiles(workspace)).toEqual([]);
  });

  it("are read as they were written, with their bytes and hash", async () => {
    const written = await writeFile(workspace, "data/e.csv", "naïve 🐧\n");
    expect(written).toEqual({ path: "data/e.csv", bytes: 12, sha256: "becceccae21023f8af334f418163329cc957effa911127dbfd48ba0f979b4085" });
    expect(await read("data/e.csv")).toBe("naïve 🐧\n");
  });

  it("may be any bytes", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await writeFile(workspace, "all", bytes);
    expect(Uint8Array.from(await readFile(workspace, "all", 256))).toEqual(bytes);
  });

  it("may be empty", async () => {
    await writeFile(workspace, "empty", "");
    expect(await read("empty")).toBe("");
  });

  it("keep the last content written to a path", async () => {
    await writeFile(workspace, "a", "a longer first");
    await writeFile(workspace, "a", "second");
    expect(await read("a")).toBe("second");
    expect(await listFiles(workspace)).toEqual([{ path: "a", bytes: 6 }]);
  });

  it("may be a file and a folder of the same name", async () => {
    await writeFile(workspace, "a", "1");
    await writeFile(workspace, "a/b", "22");
    expect(await listFiles(workspace)).toEqual([
      { path: "a", bytes: 1 },
      { path: "a/b", bytes: 2 },
    ]);
  });

  it("are listed by path, all of them, however many", async () => {
    const names = Array.from({ length: 1_050 }, (_, index) => `f${String(index).padStart(4, "0")}`);
    for (let first = 0; first < names.length; first += 50) {
      await Promise.all(names.slice(first, first + 50).map((name) => writeFile(workspace, name, name)));
    }
    expect((await listFiles(workspace)).map((file) => file.path)).toEqual(names);
  });

  it("are not those of another run or workspace", async () => {
    await writeFile(workspace, "mine", "1");
    for (const other of [
      { ...workspace, runId: uuidv7() },
      { ...workspace, workspaceId: uuidv7() },
    ]) {
      expect(await listFiles(other)).toEqual([]);
      await expect(readFile(other, "mine", 10)).rejects.toMatchObject({ code: "not-found" });
    }
  });

  it("that are absent are not found", async () => {
    await expect(readFile(workspace, "absent", 10)).rejects.toMatchObject({ code: "not-found" });
  });

  it("larger than what is asked for are refused, not cut", async () => {
    await writeFile(workspace, "a", "12345");
    expect(await readFile(workspace, "a", 5)).toHaveLength(5);
    await expect(readFile(workspace, "a", 4)).rejects.toMatchObject({ code: "too-large" });
  });

  it.each(["../x", "", "a//b", "/a", "a\\b", "__proto__"])("are never at %j", async (path) => {
    await expect(writeFile(workspace, path, "x")).rejects.toMatchObject({ code: "invalid-request" });
    await expect(readFile(workspace, path, 10)).rejects.toMatchObject({ code: "not-found" });
    expect(await listFiles(workspace)).toEqual([]);
  });
});
