import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { listRepositoryFiles } from "../architecture/source-file.ts";

/** Loaded by functions that the simulation does without: doors, settings, the SDK. */
const ELSEWHERE = /^shared\/orchestration\/(aws\/.*|runs\/s3-run-files|runs\/post-goal|\w+\/open-[\w-]+|.*bind-[\w-]+)\.ts$/;

test("what conductors load when they first need it is loaded before a simulation begins", () => {
  const sources = listRepositoryFiles().filter(
    (file) => /^shared\/(orchestration|agents)\/.*\.ts$/.test(file) && !file.endsWith(".test.ts") && !ELSEWHERE.test(file),
  );
  const late = sources.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/import\("(\.[^"]+)"\)/g)].map(([, name = ""]) => path.join(path.dirname(file), name)),
  );
  const loaded = readFileSync("tests/simulation/load-modules.ts", "utf8");

  expect(late.length).toBeGreaterThan(5);
  expect([...new Set(late)].filter((file) => !loaded.includes(`"../../${file}"`))).toEqual([]);
});
