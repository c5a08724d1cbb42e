import { describe, expect, test } from "vitest";
import { hashPassword, isPassword } from "./hash-password.ts";

describe("a password's hash", () => {
  test("fits its password and no other, and is never the same twice", async () => {
    const [first, second] = await Promise.all([hashPassword("correct horse"), hashPassword("correct horse")]);

    expect(first).toMatch(/^\$2b\$10\$/);
    expect(first).not.toBe(second);
    expect(await isPassword("correct horse", first)).toBe(true);
    expect(await isPassword("correct horsf", first)).toBe(false);
  });

  test("that is absent fits nothing, not even the password behind the stand-in", async () => {
    expect(await isPassword("x", undefined)).toBe(false);
  });

  test("of 72 bytes does not fit the same 72 with more behind", async () => {
    const longest = "ä".repeat(36);
    const hash = await hashPassword(longest);

    expect(await isPassword(longest, hash)).toBe(true);
    expect(await isPassword(`${longest}and more`, hash)).toBe(false);
  });

  test("that is broken fits nothing", async () => {
    expect(await isPassword("correct horse", "not a hash")).toBe(false);
  });

  test("is made beside the event loop, which goes on meanwhile", async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);

    await hashPassword("correct horse");
    clearInterval(timer);

    expect(turns).toBeGreaterThan(3);
  });
});
