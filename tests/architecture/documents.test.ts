import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import packageFile from "../../package.json" with { type: "json" };
import { mutants } from "../mutants/mutants.ts";
import { findMissingFiles, findMissingProofs, findMissingScripts, listDocumentedVariables, listReadVariables } from "./documents.ts";
import { listRepositoryFiles, readRepositoryFile, readSourceFiles } from "./source-file.ts";

const files = listRepositoryFiles();
const scripts = Object.keys(packageFile.scripts);
const mutantNames = mutants.map(({ name }) => name);
const read = (file: string) => (existsSync(file) ? readRepositoryFile(file) : undefined);
const documents = files.filter((file) => /^(?:README|CONTRIBUTING|docs\/.*|shared\/.*README)\.md$/.test(file));

describe("the documents", () => {
  test("are there", () => {
    expect(documents).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md"]));
  });

  test.each(documents)("%s names files, commands, tests and mutants that exist", (document) => {
    const markdown = readRepositoryFile(document);

    expect([
      ...findMissingFiles(markdown, files),
      ...findMissingScripts(markdown, scripts),
      ...findMissingProofs(markdown, read, mutantNames),
    ]).toEqual([]);
  });

  test("the README lists every variable that the code reads, and no other", () => {
    const sources = readSourceFiles().filter(({ file }) => /^(?:shared|functions|local|cli)\/(?!.*\.test\.ts)/.test(file));
    const variables = new Set(sources.flatMap(({ code }) => listReadVariables(code)));

    expect(listDocumentedVariables(readRepositoryFile("README.md"), "## Environment").toSorted()).toEqual([...variables].toSorted());
  });

  test("docs/ARCHITECTURE.md can be read in one sitting", () => {
    expect(readRepositoryFile("docs/ARCHITECTURE.md").split("\n").length).toBeLessThanOrEqual(200);
  });
});

describe("a document that tells what is not so is caught when it", () => {
  const tree = ["README.md", "shared/llm/hands/provider.ts", "shared/llm/contract.ts"];

  test.each([
    ["names a file by a path", "see `shared/llm/hands/absent.ts`"],
    ["names a folder", "see `shared/memory/`"],
    ["names a file without its path", "see `absent.ts`"],
    ["names the end of a path", "see `llm/absent.ts`"],
    ["links to a file", "see [it](shared/absent.md)"],
    ["names what no file fits", "see `shared/*/feet/`"],
  ])("%s", (_what, markdown) => {
    expect(findMissingFiles(markdown, tree)).toHaveLength(1);
  });

  test("names a command", () => {
    expect(findMissingScripts("`npm run absent`, npm run -s absent:too\n```\nnpm test\n```", ["dev"])).toHaveLength(3);
  });

  test("names a test or a mutant", () => {
    const markdown = '| `a.test.ts`: "stands" | `a.test.ts`: "fell" | `b.test.ts`: "stands" | mutant "alive" | mutant "dead" |';

    expect(
      findMissingProofs(markdown, (file) => (file === "a.test.ts" ? 'test("stands")' : undefined), [
        "alive: but not well",
        "deadly: a neighbour",
      ]),
    ).toEqual(['a.test.ts has no "fell"', 'b.test.ts has no "stands"', 'the mutant "dead" does not exist']);
  });
});

test("files, commands and places outside the tree that a document may name are left alone", () => {
  const tree = ["README.md", "shared/llm/hands/provider.ts"];
  const markdown =
    "`provider.ts` `hands/provider.ts` `shared/*/hands/` `shared/llm` [home](https://example.com/a.md) `.cognition/pg` `POST /v1/tasks` ``\n```\n`absent.ts`\n```";

  expect(findMissingFiles(markdown, tree)).toEqual([]);
  expect(findMissingScripts("npm ci, npm test, npm run dev", ["test", "dev"])).toEqual([]);
});

test("variables are found where they are read, and not where they are only set", () => {
  const code =
    'const port = process.env["PORT"] ?? 1;\nprocess.env["LOG_LEVEL"] ??= "warn";\nprocess.env["AWS_X"] = "1";\nreadVariable("TABLE");';
  const schema = "const Env = z.object({ QUEUE_URL: z.url(), DEFAULT_MODEL: ModelName });\nreadEnv(Env);";

  expect(listReadVariables(code)).toEqual(["PORT", "TABLE"]);
  expect(listReadVariables(schema)).toEqual(["QUEUE_URL", "DEFAULT_MODEL"]);
  expect(
    listDocumentedVariables("# A\n## Environment\n| `PORT` | `8787` |\n| `A_B`, `C` | |\n## B\n| `D_E` | |", "## Environment"),
  ).toEqual(["PORT", "A_B"]);
});
