import { adapters } from "./adapters.ts";
import { bundleOwnCode } from "./bundle-own-code.ts";
import { type CodeFacts, isCommand, readCode } from "./read-code.ts";

/** What a function's code asks for, with what each adapter that it may load asks for besides. */
export type OwnCode = CodeFacts & { readonly adapters: Readonly<Record<string, CodeFacts>> };

/** @param entry a function, by the path of its entry below `functions/` */
export async function readOwnCode(root: string, entry: string): Promise<OwnCode> {
  const apart = adapters.map(({ file }) => file);
  const { text, loaded } = await bundleOwnCode(root, `functions/${entry}.ts`, apart);
  const facts = readCode(text);
  // What it takes of objects may be taken of the adapter; the commands that it sends are its own.
  const taken = [...facts.members].filter((name) => !isCommand(name));
  const parts = loaded.map(async (file) => [file, readCode((await bundleOwnCode(root, file)).text, taken)] as const);
  return { ...facts, adapters: Object.fromEntries(await Promise.all(parts)) };
}
