/** Packages in CommonJS ask for Node's own modules by `require`, which an ES module has not. */
export const requireBanner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

/** A bundler writes its banner into every chunk. Few need it, and each `createRequire` costs a quarter of a millisecond. */
export function dropUnusedRequire(chunk: string): string {
  const code = chunk.slice(requireBanner.length);
  return chunk.startsWith(requireBanner) && !/\brequire\b/.test(code) ? code.trimStart() : chunk;
}
