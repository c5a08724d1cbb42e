import { expect, test } from "vitest";
import type { Client } from "./client.ts";
import { followRun } from "./progress.ts";

test("who waits because an agent fails again and again is told which, why and until when", async () => {
  const at = "2026-01-31T12:00:00.000Z";
  const facts = [
    { number: 1, at, type: "agent-cooling-down", agent_id: "1", agent: "Primary Planner", code: "provider-unavailable", until: at },
    { number: 2, at, type: "run-completed", result_sha256: "" },
  ];
  const client: Pick<Client, "get"> = { get: (_path, schema) => Promise.resolve(schema.parse({ facts, ended: true })) };
  const lines: string[] = [];

  await followRun(client, "run", (line) => lines.push(line));

  expect(lines).toEqual([
    `… waiting: Primary Planner fails again and again (provider-unavailable) and is tried once more at ${at}`,
    "run completed",
  ]);
});

test("a person sees into what a task was divided, or why it was not", async () => {
  const at = "2026-01-31T12:00:00.000Z";
  const task = { task_id: "1", ordinal: 2, name: "Compare everything", attempt: 1 };
  const facts = [
    {
      number: 1,
      at,
      type: "subtasks-refused",
      ...task,
      error: { code: "subtasks-empty", detail: "The proposal has no subtask", retryable: false },
    },
    { number: 2, at, type: "subtasks-proposed", ...task, depth: 1, tasks: [{ ordinal: 4 }, { ordinal: 5 }] },
    { number: 3, at, type: "run-completed", result_sha256: "" },
  ];
  const client: Pick<Client, "get"> = { get: (_path, schema) => Promise.resolve(schema.parse({ facts, ended: true })) };
  const lines: string[] = [];

  await followRun(client, "run", (line) => lines.push(line));

  expect(lines).toEqual([
    "– 2 Compare everything (not divided: subtasks-empty: The proposal has no subtask)",
    "⋔ 2 Compare everything (divided into 4, 5)",
    "run completed",
  ]);
});
