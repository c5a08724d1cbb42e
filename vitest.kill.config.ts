import { defineConfig } from "vitest/config";

/**
 * `npm run test:kill`: the long form of the kill tests of `npm run test:services`. 200 runs whose workers die by `kill -9`, every point at
 * which the process of an effect that must happen once can be killed, and a cancel with calls in flight. Prints what it counted.
 */
export default defineConfig({
  test: {
    include: ["tests/services/kill/*.test.ts"],
    globalSetup: ["tests/services/global-setup.ts"],
    env: { KILL_RUNS: "200", CRASH_POINTS: "all" },
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
