import { defineConfig } from "vitest/config";
import { textFiles } from "./tests/text-files.ts";

/** `npm run test:offline`: two hundred generated goals, over HTTP, against an independent computation. */
export default defineConfig({
  plugins: [textFiles],
  test: {
    include: ["tests/offline/**/*.test.ts"],
    globalSetup: ["tests/global-setup.ts"],
    pool: "forks",
    testTimeout: 900_000,
    hookTimeout: 60_000,
  },
});
