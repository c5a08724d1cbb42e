import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { isApiKey } from "../shared/auth/api-key.ts";
import { createAdmin } from "../shared/auth/create-admin.ts";
import { openAuth } from "../shared/auth/open-auth.ts";
import { chooseDefaultModel, ModelSettings } from "../shared/llm/default-model.ts";
import { openConductor } from "../shared/orchestration/conductor/open-conductor.ts";
import { joinWorkspace } from "../shared/orchestration/runs/join-workspace.ts";
import { takeOver } from "../shared/orchestration/watchdog/take-over.ts";
import { getDynamoDbClient } from "../shared/platform/aws/dynamodb.ts";
import { getLambdaClient } from "../shared/platform/aws/lambda.ts";
import { getS3Client } from "../shared/platform/aws/s3.ts";
import { getSfnClient } from "../shared/platform/aws/sfn.ts";
import { getSqsClient } from "../shared/platform/aws/sqs.ts";
import { readEnv } from "../shared/platform/config/env.ts";
import { closeSharedDatabases, sharedDatabase } from "../shared/platform/db/shared-database.ts";
import { createApiGateway } from "./aws/api-gateway.ts";
import { installAwslambda } from "./aws/awslambda.ts";
import { bringUpToDate } from "./database/bring-up-to-date.ts";
import { ensureDatabase } from "./database/template.ts";
import { type Cloud, LOOKUP_TABLE, openCloud, WORKSPACE_BUCKET } from "./embedded-cloud.ts";
import { loadFunctions } from "./embedded-functions.ts";
import { gatewayRoutes } from "./gateway-routes.ts";
import { writePrivateFile } from "./private-file.ts";
import { ensureSigningKey } from "./signing-key-file.ts";

/** How long a stop waits for answers that are under way: a model or a program may take minutes, a person at Ctrl-C does not. */
const STOP_MS = 2_000;

export type EmbeddedOptions = {
  root: string;
  /** Where all state is kept. */
  folder: string;
  /** 0: any free one. */
  port: number;
};

export type Embedded = {
  url: string;
  apiKey: string;
  keyFile: string;
  model: string;
  /** Versions of the migrations that the folder did not have yet. */
  migrated: readonly string[];
  close(): Promise<void>;
};

/** The whole product in this process, on loopback: the same functions, reached through the same SDK calls as on AWS. */
export async function startEmbedded({ root, folder, port }: EmbeddedOptions): Promise<Embedded> {
  // The optimising compiler of WebAssembly costs more in a short life than it gives. Set before PGlite is loaded.
  setFlagsFromString("--liftoff-only");
  // The SDK tells every process on Node 20 that later versions will not run there; ours is pinned.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const databaseFolder = join(folder, "pg");
  const databaseUrl = `pglite:${databaseFolder}`;
  await ensureDatabase(root, databaseFolder);
  const migrated = await bringUpToDate(root, databaseFolder);
  installAwslambda();
  const [functions] = await Promise.all([loadFunctions(), sharedDatabase(databaseUrl)]);
  const cloud = await openCloud(root, folder, functions);
  const model = configure({ root, databaseUrl, cloud, signingKey: await ensureSigningKey(folder) });
  const gateway = createApiGateway({ routes: gatewayRoutes(), functions: cloud.functions, authorizer: "gateway/authorizer" });
  const keyFile = join(folder, "admin.key");
  const apiKey = await ensureAdmin(keyFile);
  const { url } = await gateway.listen(port);
  cloud.deliver();
  const sandbox = await import("../functions/tool-runner/sandbox.ts");
  sandbox.prepare();
  await takeOver(await openConductor());
  void prepareClients();
  return {
    url,
    apiKey,
    keyFile,
    model,
    migrated,
    async close() {
      // What is still under way then ends as in a crash, and the next start takes it over.
      await waitAtMost(STOP_MS, Promise.all([gateway.close(), cloud.stopDelivering()]));
      await cloud.close();
      sandbox.close();
      await closeSharedDatabases();
    },
  };
}

/** What CDK gives each function on AWS as its environment; functions read it when they are first called. */
function configure(given: { root: string; databaseUrl: string; cloud: Cloud; signingKey: string }): string {
  const { root, databaseUrl, cloud, signingKey } = given;
  const settings = readEnv(ModelSettings);
  const model = chooseDefaultModel(settings);
  Object.assign(process.env, {
    DATABASE_URL: databaseUrl,
    CACHE_URL: "memory:",
    CONTROL_QUEUE_URL: cloud.queueUrl("control"),
    RESULTS_QUEUE_URL: cloud.queueUrl("results"),
    LLM_QUEUE_URL: cloud.queueUrl("effects-llm"),
    TOOL_QUEUE_URL: cloud.queueUrl("effects-tool"),
    STATE_MACHINE_ARN: cloud.stateMachineArn,
    LEDGER_FUNCTION: "orchestrator/ledger",
    SANDBOX_FUNCTION: "tool-runner/sandbox",
    SANDBOX_ENTRY: join(root, "dist/local/sandbox/child.js"),
    WORKSPACE_BUCKET,
    LOOKUP_TABLE,
    DEFAULT_MODEL: model,
    OPENAI_SERVER: openAiServer(settings),
    JWT_PRIVATE_KEY: signingKey,
    REGISTRATION_POLICY: "open",
    EVENT_POLL_MILLISECONDS: process.env["EVENT_POLL_MILLISECONDS"] ?? "50",
    LEASE_SECONDS: process.env["LEASE_SECONDS"] ?? "30",
    WATCHDOG_SECONDS: process.env["WATCHDOG_SECONDS"] ?? "10",
    EXTEND_EVERY_SECONDS: process.env["EXTEND_EVERY_SECONDS"] ?? "8",
  });
  return model;
}

function openAiServer(settings: ModelSettings): string {
  if (settings.OPENAI_API_KEY === undefined) return "absent";
  return settings.OPENAI_BASE_URL === undefined ? "vendor" : "compatible";
}

/** The key of the person that this installation belongs to; made at the first start, and again when the file is damaged. */
async function ensureAdmin(keyFile: string): Promise<string> {
  const kept = existsSync(keyFile) ? readFileSync(keyFile, "utf8").trim() : "";
  if (isApiKey(kept)) return kept;
  const { apiKey } = await createAdmin(openAuth(joinWorkspace), new Date());
  writePrivateFile(keyFile, `${apiKey}\n`);
  return apiKey;
}

async function waitAtMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  const overdue = sleep(milliseconds, undefined, { signal: settled.signal }).catch(() => undefined);
  await Promise.race([work, overdue]).finally(() => settled.abort());
}

/** Loads what the first goal needs and the start does not, so that whoever does not post it at once waits for none of it. */
async function prepareClients(): Promise<void> {
  for (const getClient of [getDynamoDbClient, getS3Client, getSqsClient, getSfnClient, getLambdaClient]) {
    // A client that cannot be made is told to whoever needs it.
    await getClient().catch(() => undefined);
  }
}
