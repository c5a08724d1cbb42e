import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lintTemplates } from "./lint-templates.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cognition-lint-"));
  mkdirSync(join(folder, "dev"));
  writeFileSync(join(folder, "dev/data.template.json"), "{}");
  writeFileSync(join(folder, "dev/manifest.json"), "{}");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A linter that says what it is given and ends with a status. */
function linter(status: number): string {
  const file = join(folder, "linter");
  writeFileSync(file, `#!/bin/sh\necho "E1 $*"\nexit ${status}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe("templates", () => {
  test("pass loudly where there is no linter", () => {
    const { outcome, says } = lintTemplates(folder, join(folder, "absent"));

    expect(outcome).toBe("skipped");
    expect(says).toContain("SKIPPED: 1 templates were NOT linted");
  });

  test("are refused with what the linter says of them, and of nothing else", () => {
    const { outcome, says } = lintTemplates(folder, linter(2));

    expect(outcome).toBe("refused");
    expect(says).toBe(`E1 --ignore-checks W3005 --template ${join(folder, "dev/data.template.json")}`);
  });

  test("are clean when it finds nothing", () => {
    expect(lintTemplates(folder, linter(0)).outcome).toBe("clean");
  });

  test("that are not there are no clean ones", () => {
    expect(lintTemplates(join(folder, "elsewhere"), linter(0)).outcome).toBe("refused");
  });
});
