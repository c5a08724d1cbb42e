import { isBuiltin } from "node:module";
import type { Metafile } from "esbuild";
import type { Zone } from "../../functions/function-table.ts";

type Wall = { readonly packages: (name: string) => boolean; readonly sources: (file: string) => boolean };

/** Takes whole scopes as well as single packages. */
const isAmong =
  (...names: readonly string[]) =>
  (name: string) =>
    names.includes(name) || names.includes(name.split("/", 1)[0] ?? "");
const holdsDatabase = isAmong("pg", "pg-pool", "pg-protocol", "ioredis", "@electric-sql");
const holdsModels = isAmong("openai", "@anthropic-ai", "undici");
const isSql = (file: string) => /\/sql(?:\.ts|\/)|^shared\/platform\/db\/|^migrations\//.test(file);
const isHands = (file: string) => /^shared\/[^/]+\/hands\//.test(file);
const isSandbox = (file: string) => file.startsWith("shared/tools/sandbox/");
const isEngine = isAmong("quickjs-emscripten-core", "@jitl", "sql.js");
const isAtTheDoor = isAmong("zod");
const isSandboxSource = (file: string) =>
  isSandbox(file) || /^shared\/platform\/(?:(?:json|errors|config\/env)\.ts$|log\/)|^functions\/tool-runner\/sandbox\.ts$/.test(file);

/** What may not be in a bundle of the zone. */
const forbidden: Readonly<Record<Zone | "program", Wall>> = {
  mind: { packages: holdsModels, sources: (file) => isHands(file) || isSandbox(file) },
  hands: { packages: holdsDatabase, sources: isSql },
  edge: {
    packages: (name) => holdsDatabase(name) || holdsModels(name),
    sources: (file) => isSql(file) || isHands(file) || isSandbox(file),
  },
  sandbox: { packages: (name) => !isEngine(name) && !isAtTheDoor(name), sources: (file) => !isSandboxSource(file) },
  program: { packages: (name) => !isEngine(name), sources: (file) => !isSandbox(file) },
};

/**
 * What a bundle holds that its zone forbids: packages by name and our own files by path, in order and each once. `program` is the
 * inner half of the sandbox: a process of its own that runs the untrusted code.
 */
export function findZoneBreaches(zone: Zone | "program", metafile: Metafile): readonly string[] {
  const { packages, sources } = forbidden[zone];
  const reached = Object.entries(metafile.inputs).flatMap(([file, input]) => [file, ...listExternals(input)]);
  const names = reached.filter((name) => !isOfBundler(name));
  const breaches = names.flatMap((name) => {
    const packageName = readPackageName(name);
    if (packageName === undefined) return sources(name) ? [name] : [];
    return packages(packageName) ? [packageName] : [];
  });
  return [...new Set(breaches)].toSorted();
}

/** What stays outside the bundle is met at run time all the same; Node's own modules are in every zone. */
function listExternals({ imports }: Metafile["inputs"][string]): readonly string[] {
  const outside = imports.filter(({ external, path }) => external === true && !isBuiltin(path) && !isOfBundler(path));
  return outside.map(({ path }) => `node_modules/${path}`);
}

/** What esbuild adds of its own: `<runtime>`, `<define:name>`. */
function isOfBundler(file: string): boolean {
  return file.startsWith("<");
}

/** `node_modules/@scope/name/file.js` holds `@scope/name`; one of our own files holds no package. */
function readPackageName(file: string): string | undefined {
  return /^(?:.*[/:])?node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
}
