import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { AppError } from "../../errors.ts";

/**
 * Takes the lock file of a folder or throws. Two processes on one PGlite folder silently destroy it, so the lock is exclusive;
 * one left by a process that no longer lives is taken over. Returns the release.
 */
export function lockFolder(path: string): () => void {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
      const holder = readHolder(path);
      if (holder !== undefined && isAlive(holder)) {
        throw new AppError("wrong-configuration", `${path} is held by process ${holder}: stop that process first`);
      }
      rmSync(path, { force: true });
    }
  }
  throw new AppError("wrong-configuration", `${path} could not be taken`);
}

function readHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, "EPERM");
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
