import locked from "../../prompts/lock.json" with { type: "json" };

const hashes: Readonly<Record<string, string>> = locked;

/** The hash under which a version of a prompt was published; undefined for one that never was. */
export function findPromptHash(name: string, version: number): string | undefined {
  const file = `${name}/v${version}.md`;
  return Object.hasOwn(hashes, file) ? hashes[file] : undefined;
}
