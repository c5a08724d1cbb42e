import { defineConfig } from "vitest/config";

/** What is about the process of the embedded run itself, which no deployment has: its kills, starts, stops, folder and commands. */
const embeddedOnly = ["kill", "start-stop", "reset", "goal-command"].map((name) => `tests/e2e/${name}.test.ts`);

/**
 * `npm run test:parity`: the e2e suite against what is deployed, built bundles behind AWS's own protocols; or, to compare, the same cases
 * against the embedded run.
 */
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.test.ts"],
    exclude: embeddedOnly,
    globalSetup: ["tests/parity/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
