import { defineConfig } from "vitest/config";

/** `npm run test:offline`: two hundred generated goals, over HTTP, against an independent computation. */
export default defineConfig({
  test: {
    include: ["tests/offline/**/*.test.ts"],
    globalSetup: ["tests/global-setup.ts"],
    pool: "forks",
    testTimeout: 900_000,
    hookTimeout: 60_000,
  },
});
