import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AppError } from "../../errors.ts";

/** A process that has written down that it wants a folder, or has it. `birth` tells it from an earlier one with the same pid. */
type Claim = { readonly file: string; readonly pid: number; readonly birth: string };

const WANTS = "wants\n";
const HOLDS = "holds\n";
/** Long after any process that still runs has decided. */
const PATIENCE_MS = 5_000;

const heldHere = new Set<string>();

/**
 * Locks a folder for this process, or throws: two processes on one PGlite folder silently destroy it. Every process first writes its own
 * claim beside the folder and then looks at the others', so of two at once at least one sees the other, and the lower pid goes first. What
 * a dead process left counts for nothing and is cleared away; no living one ever has its name. Returns the release.
 */
export function lockFolder(folder: string): () => void {
  const key = resolve(folder);
  if (heldHere.has(key)) throw isHeldBy(folder, process.pid);
  const own = claimOf(folder, process.pid, readBirth(process.pid));
  writeFileSync(own.file, WANTS);
  const rival = findRival(folder, own);
  if (rival !== undefined) {
    rmSync(own.file, { force: true });
    throw isHeldBy(folder, rival.pid);
  }
  writeFileSync(own.file, HOLDS);
  heldHere.add(key);
  return () => {
    heldHere.delete(key);
    rmSync(own.file, { force: true });
  };
}

/** The process that holds a folder now. */
export function findHolder(folder: string): number | undefined {
  return listClaims(folder).find((claim) => isAlive(claim) && holds(claim))?.pid;
}

/** Whom this claim has to give way to. Those that have to give way to it are waited for: one of them may have looked before it was there. */
function findRival(folder: string, own: Claim): Claim | undefined {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const rivals = listClaims(folder).filter((claim) => claim.file !== own.file && isRival(claim));
    const first = rivals.find((claim) => claim.pid < own.pid || holds(claim));
    if (first !== undefined || rivals.length === 0) return first;
    if (Date.now() > deadline) return rivals[0];
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
}

function isRival(claim: Claim): boolean {
  if (isAlive(claim)) return true;
  rmSync(claim.file, { force: true });
  return false;
}

function listClaims(folder: string): Claim[] {
  if (!existsSync(dirname(folder))) return [];
  return readdirSync(dirname(folder)).flatMap((name) => {
    const [, pid, birth] = /\.lock\.(\d+)-(\d+)$/.exec(name) ?? [];
    if (pid === undefined || birth === undefined) return [];
    const claim = claimOf(folder, Number(pid), birth);
    return basename(claim.file) === name ? [claim] : [];
  });
}

function claimOf(folder: string, pid: number, birth: string): Claim {
  return { file: join(dirname(folder), `${basename(folder)}.lock.${pid}-${birth}`), pid, birth };
}

function holds({ file }: Claim): boolean {
  try {
    return readFileSync(file, "utf8") === HOLDS;
  } catch {
    return false;
  }
}

function isAlive({ pid, birth }: Claim): boolean {
  if (readBirth(pid) !== birth) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** When a process began, in the kernel's ticks; 0 where nobody says, and there a pid alone must do. */
function readBirth(pid: number): string {
  try {
    // The name of the program stands in brackets before the numbers and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
    return fields?.[19] ?? "0";
  } catch {
    return "0";
  }
}

function isHeldBy(folder: string, pid: number): AppError {
  return new AppError("wrong-configuration", `${folder} is held by process ${pid}: stop that process first`);
}
