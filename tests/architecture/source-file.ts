import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

export type Import = {
  /** As written. */
  readonly specifier: string;
  /** The imported file of this repository, or undefined for a package or a module of Node. */
  readonly file: string | undefined;
  readonly isTypeOnly: boolean;
  /** What stands between `import` and `from`. */
  readonly clause: string;
};

export type SourceFile = { readonly file: string; readonly code: string; readonly imports: readonly Import[] };

/** Bundled code cannot know it from its own place. */
const root = process.env["COGNITION_ROOT"] ?? path.resolve(import.meta.dirname, "../..");
const staticImport = /^(?:import|export)\b([^"'`;=]*?)\bfrom\s*"([^"]+)"/gm;
const bareImport = /^import\s*()"([^"]+)"/gm;
const lateImport = /\bimport\(\s*()"([^"]+)"/g;

/** Reads the imports of one file, those of types as well, which no bundler sees. Relies on the formatter's quotes and line breaks. */
export function parseSourceFile(file: string, text: string): SourceFile {
  const code = text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const matches = [staticImport, bareImport, lateImport].flatMap((pattern) => [...code.matchAll(pattern)]);
  const imports = matches.map(([, clause = "", specifier = ""]) => ({
    specifier,
    file: specifier.startsWith(".") ? path.posix.join(path.posix.dirname(file), specifier) : undefined,
    isTypeOnly: clause.trimStart().startsWith("type "),
    clause: clause.trim(),
  }));
  return { file, code, imports };
}

/** Paths of all files that are, or could be, in the repository: what git ignores is left out. */
export function listRepositoryFiles(): readonly string[] {
  const output = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" });
  return [...new Set(output.split("\0"))].filter((file) => file !== "" && existsSync(path.join(root, file)));
}

export function readRepositoryFile(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

export function readSourceFiles(): readonly SourceFile[] {
  const files = listRepositoryFiles().filter((file) => /\.(?:ts|mjs)$/.test(file));
  return files.map((file) => parseSourceFile(file, readRepositoryFile(file)));
}
