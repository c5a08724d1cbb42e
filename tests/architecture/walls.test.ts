import { describe, expect, test } from "vitest";
import { parseSourceFile, readSourceFiles } from "./source-file.ts";
import { walls } from "./walls.ts";

type Planted = Readonly<Record<string, string>>;

const files = readSourceFiles();

/** For each wall the least that breaks it: files by path. The breach must name the first of them. */
const planted = {
  "a concern imports only itself and the concerns before it": [
    { "shared/llm/generate.ts": `import type { Task } from "../orchestration/contract.ts";` },
    { "shared/helpful/x.ts": `import { y } from "../platform/y.ts";` },
    { "shared/platform/x.ts": `import { y } from "../novel/y.ts";` },
  ],
  "shared code imports nothing but shared code and texts": [
    { "shared/llm/generate.ts": `export { main } from "../../local/dev.ts";` },
    { "shared/llm/generate.ts": `const dev = await import("../../functions/planner/http.ts");` },
  ],
  "a function imports shared code and its own service, never another": [
    { "functions/planner/http.ts": `import { handler } from "../memory/http.ts";` },
    { "functions/planner/http.ts": `import { start } from "../../local/dev.ts";` },
  ],
  "the lists of functions, queues and routes import contracts, so that whoever reads them gets no handler with them": [
    { "functions/route-table.ts": `import { handler } from "./planner/http.ts";` },
    { "functions/function-table.ts": `import { bindTasks } from "../shared/orchestration/runs/bind-tasks.ts";` },
  ],
  "infra imports contracts and names of settings, never statements or clients": [
    { "infra/app.ts": `import { findRun } from "../shared/orchestration/sql/find-run.ts";` },
    { "infra/app.ts": `import { SQSClient } from "@aws-sdk/client-sqs";` },
  ],
  "the command line and the embedded run import no infrastructure code": [{ "local/dev.ts": `import { app } from "../infra/app.ts";` }],
  "a contract imports schemas, limits, other contracts and the platform": [
    { "shared/llm/contract.ts": `import { generate } from "./generate.ts";` },
    { "shared/auth/contracts/keys.ts": `import { hash } from "bcryptjs";` },
  ],
  "a contract reaches nothing that a browser has not": [
    {
      "shared/llm/contract.ts": `import { sha } from "../platform/sha.ts";`,
      "shared/platform/sha.ts": `import { createHash } from "node:crypto";`,
    },
  ],
  "a domain reaches no module that could do more than compute": [
    { "shared/orchestration/domain/dag.ts": `import { readFileSync } from "node:fs";` },
    { "shared/orchestration/domain/dag.ts": `import { a } from "../a.ts";`, "shared/orchestration/a.ts": `import pg from "pg";` },
  ],
  "a domain knows no clock, no chance and no environment": [
    { "shared/orchestration/domain/dag.ts": "const now = Date.now();" },
    { "shared/orchestration/domain/dag.ts": "const now = new Date();" },
    { "shared/orchestration/domain/dag.ts": "const id = crypto.randomUUID();" },
    { "shared/orchestration/domain/dag.ts": "const jitter = Math.random();" },
    { "shared/orchestration/domain/dag.ts": "const url = process.env.DATABASE_URL;" },
  ],
  "statements stand in sql files only": [
    { "shared/memory/recall.ts": "await db.query(`SELECT id FROM memories`);" },
    { "functions/planner/http.ts": "await db.query(`\n    UPDATE tasks SET status = 'failed'\n`);" },
    { "local/dev.ts": `await db.query("DELETE FROM effects");` },
  ],
  "the sandbox imports its engine, what reads a request, and itself": [
    { "shared/tools/sandbox/child.ts": `import { openDatabase } from "../../platform/db/database.ts";` },
    { "shared/tools/sandbox/child.ts": `import OpenAI from "openai";` },
  ],
  "the database client is imported by the pool alone": [{ "shared/memory/recall.ts": `import pg from "pg";` }],
  "the cache client is imported by the cache alone": [{ "functions/gateway/http.ts": `import { Redis } from "ioredis";` }],
  "a model's client is imported by the hands of llm alone": [{ "shared/agents/decide.ts": `const { OpenAI } = await import("openai");` }],
  "schemas are imported as a namespace, which costs a fifth": [
    { "shared/llm/contract.ts": `import { z } from "zod";` },
    { "local/dev.ts": `import z from "zod";` },
  ],
  "what schemas say of themselves is written down before a function starts": [
    { "shared/tools/describe-tool.ts": "const schema = z.toJSONSchema(tool.parameters);" },
    { "functions/gateway/http.ts": "const schema = Health.toJSONSchema();" },
  ],
  "an import names its file with the ending": [{ "shared/llm/generate.ts": `import { a } from "./a";` }],
  "no file needs itself": [
    { "shared/llm/a.ts": `import { b } from "./b.ts";`, "shared/llm/b.ts": `import type { A } from "./a.ts";` },
    { "shared/llm/a.ts": `import { a } from "./a.ts";` },
  ],
  "no barrels, and no drawers for what nobody named": [
    { "shared/llm/index.ts": "" },
    { "shared/platform/utils/dates.ts": "" },
    { "local/string-helpers.ts": "" },
  ],
  "names are in kebab-case": [{ "shared/llm/tokenCounter.ts": "" }],
} satisfies Record<keyof typeof walls, readonly Planted[]>;

const cases = Object.entries(walls).map(([sentence, wall]) => ({
  sentence,
  wall,
  breaches: Object.entries(planted).find(([name]) => name === sentence)?.[1] ?? [],
}));

describe("walls", () => {
  test("stand around a tree that was really read", () => {
    expect(files.length).toBeGreaterThan(50);
    expect(files.reduce((sum, { imports }) => sum + imports.length, 0)).toBeGreaterThan(files.length);
  });

  test.each(cases)("$sentence", ({ wall }) => {
    expect(wall(files)).toEqual([]);
  });

  test.each(cases)("catch a breach of: $sentence", ({ wall, breaches }) => {
    expect(breaches.length).toBeGreaterThan(0);
    for (const breach of breaches) {
      const [first = "", ...others] = Object.entries(breach).map(([file, code]) => parseSourceFile(file, code));
      const caught = first === "" ? [] : wall([first, ...others]);

      expect(caught).toEqual([expect.stringContaining(Object.keys(breach)[0] ?? "")]);
    }
  });
});

describe("imports are found", () => {
  test("whether of values, of types, late, for effect or over several lines; not in comments or texts", () => {
    const { imports } = parseSourceFile(
      "shared/llm/a.ts",
      [
        `import { b } from "./b.ts";`,
        `import type { C } from "../agents/c.ts";`,
        `import {`,
        `  d,`,
        `} from "node:fs";`,
        `import "./e.ts";`,
        `export { f } from "./f.ts";`,
        `const g = await import("./g.ts");`,
        `import h from "./h.json" with { type: "json" };`,
        `// import { not } from "./a-comment.ts";`,
        `/** import { not } from "./documentation.ts"; */`,
        `const text = 'import { not } from "./a-text.ts"';`,
        `export const not = "from";`,
      ].join("\n"),
    );

    expect(imports.map(({ specifier, isTypeOnly }) => (isTypeOnly ? `type ${specifier}` : specifier))).toEqual([
      "./b.ts",
      "type ../agents/c.ts",
      "node:fs",
      "./f.ts",
      "./h.json",
      "./e.ts",
      "./g.ts",
    ]);
    expect(imports[1]?.file).toBe("shared/agents/c.ts");
  });
});
