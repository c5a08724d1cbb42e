import { writeFile } from "node:fs/promises";
import path from "node:path";
import { build, type Metafile } from "esbuild";
import { listStart } from "./size-table.ts";

type Output = Metafile["outputs"][string];
type Names = readonly (readonly [name: string, newName: string])[];

/**
 * Makes one file of all that a function loads at its start. The bundler cuts it wherever a part is shared with code that is loaded later,
 * into a dozen files for some, and each costs Node half a millisecond to find and read. Later code finds the parts under their old names,
 * which lead to where they are now. Answers what there is afterwards.
 */
export async function mergeStart(root: string, metafile: Metafile): Promise<Metafile> {
  const { outputs } = metafile;
  const { entry, chunks } = listStart(outputs);
  if (chunks.length === 0) return metafile;
  const start = [entry, ...chunks].map((file) => describe(outputs, file));
  const later = Object.keys(outputs).filter((file) => file !== entry && !chunks.includes(file));
  // Each part has its own a, b, c; in the one file they are a_0, b_0, a_1.
  const parts = chunks.map((file, part) => ({
    file,
    names: describe(outputs, file).exports.map((name) => [name, `${name}_${part}`] as const),
  }));

  const contents = [`export * from "${local(entry)}";`, ...parts.map(({ file, names }) => forward(names, file))].join("\n");
  const text = await bundleStart(path.join(root, path.dirname(entry)), path.basename(entry), contents, later);
  const merged = {
    ...describe(outputs, entry),
    bytes: Buffer.byteLength(text),
    inputs: Object.fromEntries(start.flatMap(({ inputs }) => Object.entries(inputs))),
    imports: start.flatMap(({ imports }) => imports.filter((found) => !chunks.includes(found.path))),
  };
  const written: [string, string, Output][] = [[entry, text, merged]];
  for (const { file, names } of parts) {
    const forwarding = forward(
      names.map(([name, newName]) => [newName, name]),
      entry,
    );
    const imports = [{ path: entry, kind: "import-statement" as const }];
    written.push([file, forwarding, { ...describe(outputs, file), bytes: Buffer.byteLength(forwarding), inputs: {}, imports }]);
  }
  await Promise.all(written.map(([file, content]) => writeFile(path.join(root, file), content)));
  return { ...metafile, outputs: { ...outputs, ...Object.fromEntries(written.map(([file, , output]) => [file, output])) } };
}

/** Bundles a start that is bundled already: `later` stays what it is, and where it is. */
async function bundleStart(folder: string, entry: string, contents: string, later: readonly string[]): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: folder,
    stdin: { contents, resolveDir: folder },
    outfile: path.join(folder, entry),
    external: later.map(local),
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    write: false,
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`Nothing came of ${folder}`);
  return file.text;
}

function forward(names: Names, file: string): string {
  return `export { ${names.map(([name, newName]) => `${name} as ${newName}`).join(", ")} } from "${local(file)}";\n`;
}

/** All files of a function lie in one folder. */
function local(file: string): string {
  return `./${path.basename(file)}`;
}

function describe(outputs: Metafile["outputs"], file: string): Output {
  const output = outputs[file];
  if (output === undefined) throw new Error(`The bundler wrote no ${file}`);
  return output;
}
