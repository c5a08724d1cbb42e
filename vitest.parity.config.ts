import { defineConfig } from "vitest/config";
import { embeddedOnly } from "./tests/parity/embedded-only.ts";

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
