import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import lock from "../../prompts/lock.json" with { type: "json" };
import {
  CriticAnswer,
  ExecutorAnswer,
  ExecutorVariables,
  Plan,
  PlannerVariables,
  ReviewVariables,
  SummarizerAnswer,
} from "../../shared/agents/contract.ts";
import { toStrictSchema } from "../../shared/llm/domain/strict-schema.ts";
import { JsonObject } from "../../shared/platform/json.ts";
import { getPrompt, listPrompts } from "../../shared/prompts/get-prompt.ts";

const folder = path.join(import.meta.dirname, "../../prompts");

/** What the agents of each role read and fill: prompts of the same role share both through all versions. */
const roles = {
  planner: { answer: Plan, variables: PlannerVariables, fromCall: ["tools"] },
  executor: { answer: ExecutorAnswer, variables: ExecutorVariables, fromCall: ["inputs"] },
  critic: { answer: CriticAnswer, variables: ReviewVariables, fromCall: ["inputs"] },
  summarizer: { answer: SummarizerAnswer, variables: ReviewVariables, fromCall: ["inputs"] },
};

const published = listPrompts();

test("every file of a version that lies in prompts/ is published, and no other", () => {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /^v\d+\./.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const expected = published.flatMap(({ name, version }) => [`${name}/v${version}.md`, `${name}/v${version}.schema.json`]);
  expect(files.toSorted()).toEqual(expected.toSorted());
});

test.for(published)("$name version $version has the name, version and schema that its path says", ({ name, version }) => {
  const prompt = getPrompt(name, version);
  expect(prompt).toMatchObject({ name, version });
  expect(readFileSync(path.join(folder, name, `v${version}.md`), "utf8")).toContain(`output_schema: ./v${version}.schema.json`);
});

test.for(Object.entries(roles))("the newest prompt of the %s declares what its agent fills in", ([name, role]) => {
  const newest = Math.max(...published.filter((prompt) => prompt.name === name).map((prompt) => prompt.version));
  const declared = Object.keys(getPrompt(name, newest).variables);
  expect(declared.toSorted()).toEqual([...Object.keys(role.variables.shape), ...role.fromCall].toSorted());
});

// A new version's schema is written with `npx vitest run tests/prompts --update`, before its hash is locked.
test.for(Object.entries(roles))(
  "the newest schema of the %s is the strict form of the answer that its agent reads",
  async ([name, role]) => {
    const newest = Math.max(...published.filter((prompt) => prompt.name === name).map((prompt) => prompt.version));
    const strict = toStrictSchema(JsonObject.parse(z.toJSONSchema(role.answer)));
    await expect(`${JSON.stringify(strict, null, 2)}\n`).toMatchFileSnapshot(path.join(folder, name, `v${newest}.schema.json`));
  },
);

test("published files never change: a change is a new version", () => {
  const actual = published.flatMap(({ name, version }) =>
    [`${name}/v${version}.md`, `${name}/v${version}.schema.json`].map((file) => [file, hash(readFileSync(path.join(folder, file)))]),
  );
  expect(Object.fromEntries(actual)).toEqual(lock);
});

function hash(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
