import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build, type Metafile } from "esbuild";
import { listStart } from "./size-table.ts";

/**
 * Makes one file of all that a function loads at its start. The bundler cuts it wherever a part is shared with code that is loaded later,
 * into a dozen files for some, and each costs Node half a millisecond to find and read. Later code finds the parts under their old names,
 * which lead to where they are now.
 */
export async function mergeStart(root: string, { outputs }: Metafile): Promise<void> {
  const { entry, chunks } = listStart(outputs);
  if (chunks.length === 0) return;
  const folder = path.join(root, path.dirname(entry));
  const local = (file: string) => `./${path.basename(file)}`;
  const later = Object.keys(outputs).filter((file) => file !== entry && !chunks.includes(file));
  const renamed = chunks.map((file, part) => ({
    file,
    names: (outputs[file]?.exports ?? []).map((name) => ({ name, newName: `${name}_${part}` })),
  }));
  const parts = renamed.map(
    ({ file, names }) => `export { ${names.map(({ name, newName }) => `${name} as ${newName}`).join(", ")} } from "${local(file)}";`,
  );
  const { outputFiles } = await build({
    absWorkingDir: folder,
    stdin: { contents: [`export * from "${local(entry)}";`, ...parts].join("\n"), resolveDir: folder },
    outfile: path.join(folder, path.basename(entry)),
    external: later.map(local),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    write: false,
  });
  const isAskedFor = (file: string) => later.some((other) => outputs[other]?.imports.some((found) => found.path === file));
  for (const { file, names } of renamed) {
    const forward = `export { ${names.map(({ name, newName }) => `${newName} as ${name}`).join(", ")} } from "${local(entry)}";\n`;
    await (isAskedFor(file) ? writeFile(path.join(root, file), forward) : rm(path.join(root, file)));
  }
  await writeFile(path.join(root, entry), outputFiles[0]?.contents ?? (await readFile(path.join(root, entry))));
}
