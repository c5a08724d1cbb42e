import { describe, expect, test } from "vitest";
import { functionTable } from "../../functions/function-table.ts";
import { stages } from "../config/stages.ts";
import { countConnections } from "../constructs/count-connections.ts";
import { findConnectionShortage, findReserved, listConnectionUsers } from "./connection-users.ts";

const sumOf = (reservedConcurrency: boolean) =>
  listConnectionUsers({ reservedConcurrency }).reduce((sum, { connections }) => sum + connections, 0);

describe("connections of the database", () => {
  test.each([stages.dev, stages.prod])("suffice for all who may hold one at once in $stage", (config) => {
    expect(findConnectionShortage(config, countConnections(config.acu))).toBeUndefined();
  });

  test.each([true, false])("are short by one when four fifths are one too few (reserved concurrency: %s)", (reservedConcurrency) => {
    const enough = Math.ceil(sumOf(reservedConcurrency) / 0.8);

    expect(findConnectionShortage({ reservedConcurrency }, enough)).toBeUndefined();
    expect(findConnectionShortage({ reservedConcurrency }, Math.floor((sumOf(reservedConcurrency) - 1) / 0.8))).toMatch(
      /^Functions may hold \d+ connections, but the database gives \d+ .*: raise acu\.max, or lower/,
    );
  });

  test("are held by every function of the mind, and by no other", () => {
    const entries = Object.keys(functionTable);
    const isReserved = (entry: string) => listConnectionUsers({ reservedConcurrency: true }).some(({ name }) => name === entry);

    expect(entries.filter(isReserved)).toEqual(
      Object.entries(functionTable).flatMap(([entry, { zone }]) => (zone === "mind" ? entry : [])),
    );
  });

  test("are never fewer than the queues and hands of a function may ask for at once", () => {
    expect(findReserved("orchestrator/conductor")).toBe(10);
    expect(findReserved("orchestrator/ledger")).toBe(15);
    expect(findReserved("ai-runtime/llm-worker")).toBeUndefined();
  });
});
