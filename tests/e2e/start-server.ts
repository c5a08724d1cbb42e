import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Embedded, startEmbedded } from "../../local/start-embedded.ts";
import { setLogSink } from "../../shared/platform/log/logger.ts";

export type TestServer = Embedded & {
  folder: string;
  /** What the functions logged, line by line. */
  logged: readonly string[];
};

/** What a person's own environment must not bring into a test. */
const UNSET = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "DEFAULT_MODEL"];

/**
 * The whole product in this process, on a free port, with a folder of its own that goes when it closes. One a test file: its functions
 * keep what they opened for as long as the process lives.
 */
export async function startServer(settings: Readonly<Record<string, string>> = {}): Promise<TestServer> {
  for (const name of UNSET) delete process.env[name];
  Object.assign(process.env, { EVENT_POLL_MILLISECONDS: "10", EXTEND_EVERY_SECONDS: "0.2", LOG_LEVEL: "warn", ...settings });
  const logged: string[] = [];
  setLogSink((line) => logged.push(line));
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-e2e-"));
  const embedded = await startEmbedded({ root: path.resolve(import.meta.dirname, "../.."), folder, port: 0 });
  return {
    ...embedded,
    folder,
    logged,
    async close() {
      await embedded.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
