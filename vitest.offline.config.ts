import { defineConfig } from "vitest/config";

/** `npm run test:offline`: two hundred generated goals against an independent computation. */
export default defineConfig({
  test: { include: ["tests/offline/**/*.test.ts"], pool: "forks", testTimeout: 300_000 },
});
