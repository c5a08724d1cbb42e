import { describe, expect, test } from "vitest";
import * as z from "zod";
import { readEnv, readVariable } from "./env.ts";

const Settings = z.object({ DATABASE_URL: z.url(), PORT: z.coerce.number().int().default(8787) });

describe("readEnv", () => {
  test("gives the parsed settings and leaves out what was not asked for", () => {
    expect(readEnv(Settings, { DATABASE_URL: "postgres://localhost/x", PORT: "9000", HOME: "/" })).toEqual({
      DATABASE_URL: "postgres://localhost/x",
      PORT: 9000,
    });
  });

  test("takes an empty variable for an absent one", () => {
    expect(readEnv(Settings, { DATABASE_URL: "postgres://localhost/x", PORT: "" }).PORT).toBe(8787);
  });

  test("names every variable that is missing or wrong", () => {
    const read = () => readEnv(Settings, { DATABASE_URL: "", PORT: "many" });

    expect(read).toThrow(/^wrong-configuration: DATABASE_URL: .*; PORT: /);
  });
});

describe("readVariable", () => {
  test("refuses an absent variable by name", () => {
    expect(() => readVariable("TABLE", {})).toThrow("wrong-configuration: TABLE is not set");
  });
});
