import { execFileSync } from "node:child_process";
import * as z from "zod";

/** The processes that were started by this one, directly or not, and are alive. */
export function listDescendants(pid: number): number[] {
  const parents = listParents();
  const found: number[] = [];
  const visit = (parent: number) => {
    for (const [child, of] of parents) {
      if (of !== parent) continue;
      found.push(child);
      visit(child);
    }
  };
  visit(pid);
  return found;
}

export function isAlive(pid: number): boolean {
  return listParents().has(pid);
}

/** Every process that is not a zombie, with its parent. */
function listParents(): Map<number, number> {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  const Row = z.tuple([z.coerce.number(), z.coerce.number(), z.string()]);
  return new Map(
    rows
      .map((row) => Row.parse(row.trim().split(/\s+/)))
      .filter(([, , state]) => !state.startsWith("Z"))
      .map(([pid, parent]) => [pid, parent]),
  );
}
