/** What a document says about the tree is checked against the tree. Each finding is a sentence that begins with what was named. */

/** Names in code spans and targets of links, without code blocks and outside addresses. */
export function listNames(markdown: string): readonly string[] {
  const text = markdown.replaceAll(/^```[\s\S]*?^```/gm, "");
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].flatMap(([, span]) => span ?? []);
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target]) => target ?? []);
  return [...spans, ...targets.filter((target) => !/^https?:/.test(target))];
}

/**
 * Files and folders that are named and do not exist. A name that begins at the root is a path, where `*` stands for any one part of a name
 * and NNNN for a number to come; any other name of a file is the end of a path. What a person finds after a run is not the tree's.
 */
export function findMissingFiles(markdown: string, files: readonly string[]): readonly string[] {
  const tops = new Set(files.map((file) => file.split("/", 1)[0]));
  const isPath = (name: string) => /^[\w.@/*-]+$/.test(name) && name.includes("/") && tops.has(name.split("/", 1)[0] ?? "");
  const isFile = (name: string) => /^\w[\w/-]*(?:\.[\w-]+)*\.(?:ts|mjs|sql|md|json)$/.test(name) && !isGenerated(name);
  const exists = (name: string) => {
    const pattern = name.replace(/\/$/, "").replaceAll(".", "\\.").replaceAll("*", "[^/]+");
    const place = new RegExp(isPath(name) ? `^${pattern}(?:/|$)` : `(?:^|/)${pattern}$`);
    return files.some((file) => place.test(file));
  };
  const named = listNames(markdown).filter((name) => (isPath(name) || isFile(name)) && !name.includes("NNNN"));
  return named.filter((name) => !exists(name)).map((name) => `${name} does not exist`);
}

function isGenerated(name: string): boolean {
  return /^(?:out|dist)\/|^(?:server|signing-key)\.json$|^report\.md$/.test(name);
}

/** Commands of npm that are named, code blocks included, and are no script of the package. */
export function findMissingScripts(markdown: string, scripts: readonly string[]): readonly string[] {
  const named = [...markdown.matchAll(/\bnpm (?:run (?:-s )?([\w:-]+)|(test)\b)/g)].flatMap(([, run, test]) => run ?? test ?? []);
  return named.filter((name) => !scripts.includes(name)).map((name) => `npm run ${name} does not exist`);
}

/** Tests that are named as `file`: "title" and do not stand in their file, and mutants that are named, by what stands before the colon, and do not exist. */
export function findMissingProofs(
  markdown: string,
  read: (file: string) => string | undefined,
  mutants: readonly string[],
): readonly string[] {
  const tests = [...markdown.matchAll(/`([\w./-]+\.ts)`: "([^"]+)"/g)].flatMap(([, file = "", title = ""]) =>
    read(file)?.includes(title) === true ? [] : [`${file} has no "${title}"`],
  );
  const named = [...markdown.matchAll(/\bmutant "([^"]+)"/g)].flatMap(([, name]) => name ?? []);
  return [
    ...tests,
    ...named
      .filter((name) => !mutants.some((mutant) => `${mutant}:`.startsWith(`${name}:`)))
      .map((name) => `the mutant "${name}" does not exist`),
  ];
}

/** Variables in the first column of the tables below a heading. */
export function listDocumentedVariables(markdown: string, heading: string): readonly string[] {
  const section = markdown.split(`\n${heading}\n`)[1]?.split("\n## ", 1)[0] ?? "";
  const cells = section.split("\n").flatMap((line) => (line.startsWith("| `") ? [line.split("|")[1] ?? ""] : []));
  return cells.flatMap((cell) => [...cell.matchAll(/`([A-Z][A-Z0-9_]+)`/g)].flatMap(([, name]) => name ?? []));
}

/** Variables of the environment that a source reads: by their names, or as fields of a schema that `readEnv` is given. */
export function listReadVariables(code: string): readonly string[] {
  const byName = [...code.matchAll(/\b(?:process\.env|source)\["([A-Z][A-Z0-9_]+)"\](?!\s*(?:\?\?)?=[^=])/g)];
  const required = [...code.matchAll(/\breadVariable\("([A-Z][A-Z0-9_]+)"/g)];
  const fields = /\breadEnv\b|Settings = z\.object/.test(code)
    ? [...code.matchAll(/\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+): (?:z\.|[A-Z][a-z]+[A-Z]\w*\b)/g)]
    : [];
  return [...byName, ...required, ...fields].flatMap(([, name]) => name ?? []);
}
