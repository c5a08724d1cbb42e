import { expect, test } from "vitest";
import { dropUnusedRequire, requireBanner } from "./require-banner.ts";

test("a chunk keeps the require that it uses, and loses the one that it does not", () => {
  const [using, idle] = [`${requireBanner}\nrequire("node:net");`, `${requireBanner}\nexport const required = 1;\n`];
  expect([using, idle, "export {};"].map(dropUnusedRequire)).toEqual([using, "export const required = 1;\n", "export {};"]);
});
