import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { queueTable } from "../../functions/queue-table.ts";
import { namesOf } from "../../infra/functions/map-table.ts";
import { createApiGateway } from "../../local/aws/api-gateway.ts";
import { installAwslambda } from "../../local/aws/awslambda.ts";
import { callFunction, type LambdaFunctions } from "../../local/aws/lambda-functions.ts";
import { gatewayRoutes } from "../../local/gateway-routes.ts";
import { createAdmin } from "../../shared/auth/create-admin.ts";
import { joinWorkspace } from "../../shared/orchestration/runs/join-workspace.ts";
import { openDatabase } from "../../shared/platform/db/database.ts";
import { uuidv7 } from "../../shared/platform/ids.ts";
import { rotate } from "../aws/secrets-manager.ts";
import { pollQueue } from "./aws/event-source.ts";
import { copyTemplate, type WorldDatabase } from "./database.ts";
import { deployFunctions, findCaller } from "./deploy-functions.ts";
import { type HttpCloud, openHttpCloud } from "./open-cloud.ts";
import { readParitySetup } from "./parity-setup.ts";
import { JWT_KEYS, LOOKUP_TABLE, queueArn, wireFunctions } from "./wiring.ts";

export type BundlesOptions = {
  /** Of agents that name none. */
  readonly model: string;
  readonly openAi?: { readonly key: string; readonly baseUrl: string };
  /** What a test shortens or silences: waits, and levels of the log. */
  readonly tuning: Readonly<Record<string, string>>;
};

export type Bundles = { readonly url: string; readonly apiKey: string; readonly logged: readonly string[]; close(): Promise<void> };

type Report = (message: string, error: unknown) => void;

/** The product as it is deployed: every function the built bundle in processes of its own, behind AWS's protocols. */
export async function startBundles(options: BundlesOptions): Promise<Bundles> {
  const setup = readParitySetup();
  const logged: string[] = [];
  const report: Report = (message, error) => {
    const line = JSON.stringify({ level: "error", message, error: describeCauses(error) });
    logged.push(line);
    // A test may fail of it without a word of why.
    process.stderr.write(`${line}\n`);
  };
  const folder = await mkdtemp(path.join(tmpdir(), "cognition-parity-"));
  const database = await copyTemplate(setup.databaseUrl);
  const deployed = deployFunctions({
    ...setup,
    tuning: options.tuning,
    wiringOf: (entry) => ({ wiring: wiring[entry], endpoint: cloud.url }),
    onLine: (line) => logged.push(line),
    onFailure: report,
  });
  const cloud = await openHttpCloud({
    folder,
    functions: deployed.functions,
    openAiKey: options.openAi?.key,
    statementsOf(accessKey) {
      const caller = findCaller(accessKey);
      return caller === undefined ? [] : wiring[caller].statements;
    },
    onFailure: report,
  });
  const wiring = wireFunctions({
    databaseUrl: database.url,
    cacheUrl: setup.redisUrl,
    queueUrl: cloud.queues.url,
    stateMachineArn: cloud.stateMachineArn,
    model: options.model,
    ...(options.openAi === undefined ? {} : { openAiBaseUrl: options.openAi.baseUrl }),
  });
  // As the deployment does it: before anybody signs a token, the keys are turned once.
  await rotate(cloud.secrets, JWT_KEYS, async (event) => void (await callFunction(deployed.functions, "auth/rotate-keys", event)));
  const gateway = openGateway(deployed.functions, report);
  const { url } = await gateway.listen(0);
  const stopPolling = pollQueues(cloud, deployed.functions, report);
  return {
    url,
    apiKey: await inviteAdmin(cloud, database),
    logged,
    async close() {
      await gateway.close();
      const stopped = stopPolling();
      await deployed.close();
      await stopped;
      const dead = await cloud.queues.countDead();
      await cloud.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      if (Object.keys(dead).length > 0) throw new Error(`Messages that nobody could handle are left: ${JSON.stringify(dead)}`);
    },
  };
}

function openGateway(functions: LambdaFunctions, report: Report) {
  installAwslambda();
  return createApiGateway({
    routes: gatewayRoutes(),
    functions,
    authorizer: "gateway/authorizer",
    onFailure: (what, error) => report(`the gateway could not answer ${what}`, error),
  });
}

function pollQueues({ queues }: HttpCloud, functions: LambdaFunctions, report: Report): () => Promise<unknown> {
  const stops = namesOf(queueTable).map((name) => {
    const { consumer, batchSize, maxConcurrency } = queueTable[name];
    return pollQueue({
      client: queues.client,
      queueUrl: queues.url(name),
      queueArn: queueArn(name),
      batchSize,
      maxConcurrency,
      invoke: (event) => callFunction(functions, consumer, event),
      onFailure: (error) => report(`${consumer} failed on its queue ${name}`, error),
    });
  });
  return () => Promise.all(stops.map((stop) => stop()));
}

/** A key that may do everything: no route gives anybody the scope of an admin. */
async function inviteAdmin({ dynamoDb }: HttpCloud, database: WorldDatabase): Promise<string> {
  const credentials = { accessKeyId: "parity", secretAccessKey: "parity" };
  const client = new DynamoDBClient({ endpoint: dynamoDb, region: "us-east-1", credentials });
  const db = await openDatabase(database.url("http"));
  const deps = {
    openDb: async () => db,
    lookups: { name: () => LOOKUP_TABLE, client: async () => client },
    getKeys: () => Promise.reject(new Error("an admin is made without a token")),
    registration: () => "open" as const,
    joinWorkspace,
    newId: uuidv7,
  };
  try {
    return (await createAdmin(deps, new Date())).apiKey;
  } finally {
    await db.close();
    client.destroy();
  }
}

function describeCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? `${error}` : `${error}: ${describeCauses(error.cause)}`;
}
