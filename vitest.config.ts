import { defineConfig } from "vitest/config";

/** `npm test`: everything that needs Node and npm alone. Two workers: one for each core of a small machine. */
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules", "dist", ".cognition", "tests/services", "tests/offline"],
    globalSetup: ["tests/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
  },
});
