import { defineConfig } from "vitest/config";

/** `npm run test:services`: what only a real PostgreSQL and a real Redis can prove. */
export default defineConfig({
  test: {
    include: ["tests/services/**/*.test.ts"],
    globalSetup: ["tests/services/global-setup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
