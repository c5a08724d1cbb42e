import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chooseDefaultModel, ModelSettings } from "../../shared/llm/default-model.ts";
import { readEnv } from "../../shared/platform/config/env.ts";

export type TestServer = {
  readonly url: string;
  /** Of the admin. */
  readonly apiKey: string;
  /** What the functions logged, line by line. */
  readonly logged: readonly string[];
  close(): Promise<void>;
};

type Settings = Readonly<Record<string, string>>;

/** What a person's own environment must not bring into a test. */
const UNSET = ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "DEFAULT_MODEL"];

/** Tests wait for nothing that they do not try. */
const TUNING = { EVENT_POLL_MILLISECONDS: "10", EXTEND_EVERY_SECONDS: "0.2", LOG_LEVEL: "warn" };

/**
 * The whole product on a free port, one a test file: in this process, or as it is deployed, from built bundles in processes of their own.
 * COGNITION_WORLD says which, and no test needs to know.
 */
export async function startServer(settings: Settings = {}): Promise<TestServer> {
  return process.env["COGNITION_WORLD"] === "bundles" ? startBuilt(settings) : startEmbedded(settings);
}

/** Its functions keep what they opened for as long as the process lives; its folder goes when it closes. */
async function startEmbedded(settings: Settings): Promise<TestServer> {
  for (const name of UNSET) delete process.env[name];
  Object.assign(process.env, TUNING, settings);
  const [{ setLogSink }, local] = await Promise.all([
    import("../../shared/platform/log/logger.ts"),
    import("../../local/start-embedded.ts"),
  ]);
  const logged: string[] = [];
  setLogSink((line) => logged.push(line));
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-e2e-"));
  const embedded = await local.startEmbedded({ root: path.resolve(import.meta.dirname, "../.."), folder, port: 0 });
  return {
    ...embedded,
    logged,
    async close() {
      await embedded.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startBuilt(settings: Settings): Promise<TestServer> {
  const { startBundles } = await import("../parity/start-bundles.ts");
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: baseUrl, ...more } = settings;
  const model = chooseDefaultModel(readEnv(ModelSettings, settings));
  const openAi = key === undefined || baseUrl === undefined ? {} : { openAi: { key, baseUrl } };
  return startBundles({ model, ...openAi, tuning: { ...TUNING, ...more } });
}
