import { describe, expect, test } from "vitest";
import type { Queryable } from "./database.ts";
import { requireVector } from "./require-vector.ts";

/** A server that offers a version and has one installed or none; notes what it is told. */
function createServer(versions: { offered: string; installed: string | null } | undefined): Queryable & { told: string[] } {
  const told: string[] = [];
  return {
    told,
    async query(text) {
      told.push(text);
      return { rows: versions === undefined ? [] : [versions], rowCount: 0 };
    },
  };
}

describe("pgvector", () => {
  test.each([
    ["0.8.0", null, "0.8.0"],
    ["1.0.0", "0.10.2", "0.10.2"],
  ])("is fine when %s is offered and %s installed", async (offered, installed, version) => {
    const server = createServer({ offered, installed });

    expect(await requireVector(server)).toBe(version);
    expect(server.told).toHaveLength(1);
  });

  test("that is too old is brought up to what the server offers", async () => {
    const server = createServer({ offered: "0.8.1", installed: "0.7.4" });

    expect(await requireVector(server)).toBe("0.8.1");
    expect(server.told[1]).toBe("ALTER EXTENSION vector UPDATE");
  });

  test.each([
    ["0.7.4 and no later", { offered: "0.7.4", installed: null }, "The database offers pgvector 0.7.4; 0.8 or later is needed"],
    ["nothing", undefined, "The database offers pgvector in no version; 0.8 or later is needed"],
  ])("is refused when the server offers %s", async (_, versions, detail) => {
    await expect(requireVector(createServer(versions))).rejects.toMatchObject({ code: "wrong-configuration", detail });
  });
});
