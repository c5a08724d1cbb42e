import type { Import, SourceFile } from "./source-file.ts";

/** Gives each breach as a sentence that begins with the file. */
export type Wall = (files: readonly SourceFile[]) => readonly string[];

/** Judges every import of some files. */
export function importWall(inside: (file: string) => boolean, isAllowed: (imported: Import, file: string) => boolean): Wall {
  return (files) =>
    files
      .filter(({ file }) => inside(file))
      .flatMap(({ file, imports }) =>
        imports.filter((imported) => !isAllowed(imported, file)).map(({ specifier }) => `${file} imports ${specifier}`),
      );
}

/** Judges the code of some files, comments left out. */
export function codeWall(inside: (file: string) => boolean, forbidden: RegExp): Wall {
  return (files) =>
    files.flatMap(({ file, code }) => {
      const found = inside(file) ? forbidden.exec(code)?.[0] : undefined;
      return found === undefined ? [] : [`${file} contains ${found.trim()}`];
    });
}

/** Judges the names of some files. */
export function nameWall(inside: (file: string) => boolean, isAllowed: (file: string) => boolean): Wall {
  return (files) => files.filter(({ file }) => inside(file) && !isAllowed(file)).map(({ file }) => `${file} is not a name for a file`);
}

/** Judges what some files reach at run time, however many imports away; a breach names the file that was started from. */
export function reachWall(inside: (file: string) => boolean, isAllowed: (imported: Import) => boolean): Wall {
  return (files) => {
    const byName = new Map(files.map((file) => [file.file, file]));
    return files
      .filter(({ file }) => inside(file))
      .flatMap(({ file }) =>
        listReached(file, byName)
          .filter((imported) => !isAllowed(imported))
          .map(({ specifier }) => `${file} reaches ${specifier}`),
      );
  };
}

function listReached(start: string, byName: ReadonlyMap<string, SourceFile>): readonly Import[] {
  const seen = new Set([start]);
  const reached: Import[] = [];
  // A set visits what is added while it is walked.
  for (const name of seen) {
    for (const imported of byName.get(name)?.imports ?? []) {
      if (imported.isTypeOnly) continue;
      reached.push(imported);
      if (imported.file !== undefined) seen.add(imported.file);
    }
  }
  return reached;
}

/** No file may need itself: neither to run nor to be type-checked. A breach lists the circle. */
export const cycleWall: Wall = (files) => {
  const byName = new Map(files.map((file) => [file.file, file]));
  const done = new Set<string>();
  const breaches: string[] = [];
  const visit = (name: string, trail: readonly string[]) => {
    if (trail.includes(name)) breaches.push([...trail.slice(trail.indexOf(name)), name].join(" imports "));
    if (done.has(name) || trail.includes(name)) return;
    for (const { file } of byName.get(name)?.imports ?? []) if (file !== undefined) visit(file, [...trail, name]);
    done.add(name);
  };
  for (const { file } of files) visit(file, []);
  return breaches;
};
