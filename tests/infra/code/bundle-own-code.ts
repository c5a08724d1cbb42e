import path from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { functionOptions } from "../../../local/build/bundle-function.ts";

export type OwnText = { readonly text: string; readonly loaded: readonly string[] };

/**
 * Our own code of a module and of all that it imports in one file, in the way a function's bundle holds it: what is not used is shaken off,
 * packages stay outside. So do the files of `apart`; those that it may load are listed.
 */
export async function bundleOwnCode(root: string, file: string, apart: readonly string[] = []): Promise<OwnText> {
  return bundle(root, { entryPoints: [file] }, apart);
}

async function bundle(root: string, source: BuildOptions, apart: readonly string[]): Promise<OwnText> {
  const loaded = new Set<string>();
  const { outputFiles } = await build({
    ...functionOptions,
    ...source,
    absWorkingDir: root,
    minify: false,
    minifySyntax: true,
    splitting: false,
    packages: "external",
    plugins: [leaveApart(root, apart, loaded)],
    outdir: "dist/own-code",
    write: false,
  });
  return { text: outputFiles.find((output) => output.path.endsWith(".js"))?.text ?? "", loaded: [...loaded].toSorted() };
}

function leaveApart(root: string, apart: readonly string[], loaded: Set<string>): Plugin {
  return {
    name: "leave-apart",
    setup(builder) {
      builder.onResolve({ filter: /^\./ }, ({ path: specifier, resolveDir }) => {
        const file = path.relative(root, path.resolve(resolveDir, specifier));
        if (!apart.includes(file)) return undefined;
        loaded.add(file);
        return { path: `./${file}`, external: true };
      });
    },
  };
}
