import { join, resolve } from "node:path";

/** Where the files of the project are; the launcher says so. */
export function projectRoot(): string {
  return process.env["COGNITION_ROOT"] ?? process.cwd();
}

/** Where everything that must survive the process is kept; `npm run reset` removes it. */
export function stateFolder(): string {
  return resolve(process.env["COGNITION_HOME"] ?? join(projectRoot(), ".cognition"));
}
