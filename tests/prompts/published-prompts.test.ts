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
  PlannedTask,
  PlannerVariables,
  ReplannerVariables,
  ReviewVariables,
  SummarizerAnswer,
} from "../../shared/agents/contract.ts";
import { toStrictSchema } from "../../shared/llm/domain/strict-schema.ts";
import { JsonObject } from "../../shared/platform/json.ts";
import { getPrompt } from "../../shared/prompts/get-prompt.ts";
import { parsePrompt } from "./parse-prompt.ts";

const folder = path.join(import.meta.dirname, "../../prompts");

/** A strict schema has no optional members: a model is not offered a policy, though one that gives it is read. */
const ModelPlan = Plan.extend({ tasks: z.array(PlannedTask.omit({ policy: true })).min(1) });

/** What the agents of each role read and fill: prompts of the same role share both through all versions. */
const roles = {
  planner: { answer: ModelPlan, variables: PlannerVariables, fromCall: ["tools"] },
  replanner: { answer: ModelPlan, variables: ReplannerVariables, fromCall: ["inputs", "tools"] },
  executor: { answer: ExecutorAnswer, variables: ExecutorVariables, fromCall: ["inputs"] },
  critic: { answer: CriticAnswer, variables: ReviewVariables, fromCall: ["inputs"] },
  summarizer: { answer: SummarizerAnswer, variables: ReviewVariables, fromCall: ["inputs"] },
};

const files = readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /^v\d+\./.test(entry.name))
  .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  .toSorted();
const published = files.flatMap((file) => {
  const [, name, version] = /^([\w-]+)\/v(\d+)\.md$/.exec(file) ?? [];
  return name === undefined ? [] : [{ name, version: Number(version) }];
});

test("every version is a text and the schema of its answer", () => {
  const expected = published.flatMap(({ name, version }) => [`${name}/v${version}.md`, `${name}/v${version}.schema.json`]);
  expect(files).toEqual(expected.toSorted());
  expect(published.length).toBeGreaterThan(3);
});

// Written with `npx vitest run tests/prompts --update`.
test("what functions load says what the files of all versions say", async () => {
  const prompts = published.map(({ name, version }) => {
    const schema = JsonObject.parse(JSON.parse(readText(`${name}/v${version}.schema.json`)));
    return [`${name}/v${version}`, parsePrompt(readText(`${name}/v${version}.md`), schema)];
  });
  await expect(`${JSON.stringify(Object.fromEntries(prompts), null, 2)}\n`).toMatchFileSnapshot(path.join(folder, "published.json"));
});

test.for(published)("$name version $version has the name, version and schema that its path says", ({ name, version }) => {
  expect(getPrompt(name, version)).toMatchObject({ name, version });
  expect(readText(`${name}/v${version}.md`)).toContain(`output_schema: ./v${version}.schema.json`);
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
  const actual = files.map((file) => [file, createHash("sha256").update(readText(file)).digest("hex")]);
  expect(Object.fromEntries(actual)).toEqual(lock);
});

function readText(file: string): string {
  return readFileSync(path.join(folder, file), "utf8");
}
