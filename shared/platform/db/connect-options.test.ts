import { describe, expect, test } from "vitest";
import { connectOptions } from "./connect-options.ts";

const sources = { now: () => new Date(0) };

describe("an address of the database", () => {
  test("without auth is left to the driver as it is", async () => {
    const url = "postgres://user:pass%40word@host:6000/name?application_name=x";

    expect(await connectOptions(url, sources)).toEqual({ connectionString: url });
  });

  test.each([
    ["postgres://user@host/name?auth=kerberos", "asks for an auth that is not known: there are iam and secret"],
    ["postgres://user@host/name?auth=", "asks for an auth that is not known"],
    ["somewhere", "is not an address such as postgres://user@host:5432/name"],
  ])("%s is refused with what is wrong with it", async (url, complaint) => {
    await expect(connectOptions(url, sources)).rejects.toMatchObject({
      code: "wrong-configuration",
      detail: expect.stringContaining(complaint),
    });
  });

  test("is not repeated in a refusal: it may hold a password", async () => {
    const refusal = await connectOptions("postgres://user:hidden@host/name?auth=other", sources).catch(String);

    expect(refusal).toContain("auth");
    expect(refusal).not.toContain("hidden");
  });
});
