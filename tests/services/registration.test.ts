import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegistrationPolicy } from "../../shared/auth/contracts/registration-policy.ts";
import { registerUser } from "../../shared/auth/register-user.ts";
import { joinWorkspace } from "../../shared/orchestration/runs/join-workspace.ts";
import { AppError } from "../../shared/platform/errors.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { createFreshDatabase, type FreshDatabase } from "./fresh-database.ts";

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await createFreshDatabase(8);
});
afterAll(() => fresh.drop());

/** The code that it was refused with, or "made". */
async function register(name: string, registration: RegistrationPolicy): Promise<string> {
  const deps = { openDb: async () => fresh.deployed, registration: () => registration, joinWorkspace, newId: uuidv7 };
  const person = { id: uuidv7(), email: `${name}@example.org`, username: name, password: "correct horse battery" };
  return registerUser(deps, { ...person, workspaceName: undefined, now: new Date() }).then(
    () => "made",
    (error: unknown) => {
      if (error instanceof AppError) return error.code;
      throw error;
    },
  );
}

test("of eight who come first at the same time one gets the only account; others come in when the door is open, and no more when it is not", async () => {
  const first = await Promise.all(Array.from({ length: 8 }, (_, index) => register(`person-${index}`, "first")));
  expect(first.toSorted()).toEqual(["made", ...Array.from({ length: 7 }, () => "registration-closed")]);

  expect(await Promise.all(["anna", "bert"].map((name) => register(name, "open")))).toEqual(["made", "made"]);
  expect(await register("anna", "open")).toBe("conflict");
  // Who is registered here is nobody's business where the door is closed.
  expect(await register("anna", "first")).toBe("registration-closed");
});
