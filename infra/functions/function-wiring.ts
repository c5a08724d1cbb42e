import type { FunctionEntry } from "../../functions/function-table.ts";
import { metricNamespace } from "../observability/metric-namespace.ts";
import type { DatabaseLogin } from "../stacks/data-resources.ts";
import type { AppParts } from "./app-parts.ts";
import * as permissions from "./permissions.ts";

export type FunctionWiring = {
  /** What it reads from its environment, beside what its network asks for. */
  readonly environment: Readonly<Record<string, string>>;
  /** What it may do, beside writing its log and its traces. */
  readonly permissions: readonly permissions.Permission[];
  /**
   * It stands in the loop of effects and results. Lambda would end a chain of messages after 16 rounds; ours ends by the caps on effects,
   * attempts and replans.
   */
  readonly isInLoop?: true;
};

/** What each function is given. A function of the table without an entry here does not compile. */
export const functionWiring: Readonly<Record<FunctionEntry, (parts: AppParts) => FunctionWiring>> = {
  "gateway/authorizer": (parts) => ({ environment: lookups(parts), permissions: permissions.useLookups(parts, "GetItem") }),
  "gateway/http": (parts) => ({
    environment: { ...database(parts, "http"), ...lookups(parts), ...model(parts) },
    permissions: [...permissions.connectDatabase(parts, "http"), ...permissions.useLookups(parts, "GetItem")],
  }),
  "auth/http": (parts) => ({
    environment: {
      ...database(parts, "http"),
      ...lookups(parts),
      JWT_KEYS_SECRET: parts.data.jwtKeys.secretArn,
      REGISTRATION_POLICY: parts.config.registration,
    },
    permissions: [
      ...permissions.connectDatabase(parts, "http"),
      ...permissions.useLookups(parts, "GetItem", "PutItem", "DeleteItem"),
      ...permissions.readSecret(parts, parts.data.jwtKeys.secretArn),
    ],
  }),
  "auth/rotate-keys": (parts) => ({
    environment: lookups(parts),
    permissions: [...permissions.rotateSecret(parts, parts.data.jwtKeys.secretArn), ...permissions.useLookups(parts, "GetItem", "PutItem")],
  }),
  "orchestrator/http": (parts) => ({
    environment: { ...database(parts, "http"), ...runs(parts), ...lookups(parts), OPENAI_SERVER: openAiServer(parts) },
    permissions: [
      ...permissions.connectDatabase(parts, "http"),
      ...permissions.connectCache(parts),
      ...permissions.keepAnswers(parts),
      // A decision sends what it sets free, ends what it cancels, and tells the conductor.
      ...permissions.send(parts, "control", "effects-llm", "effects-tool"),
      ...permissions.stopRuns(parts),
      ...permissions.answerPhases(parts),
    ],
  }),
  "orchestrator/conductor": (parts) => ({
    environment: { ...database(parts, "engine"), ...runs(parts), METRICS_NAMESPACE: metricNamespace(parts.config.stage) },
    permissions: [
      ...permissions.connectDatabase(parts, "engine"),
      ...permissions.connectCache(parts),
      ...permissions.consume(parts, "control", "results"),
      ...permissions.send(parts, "control", "effects-llm", "effects-tool"),
      ...permissions.startRuns(parts),
      ...permissions.stopRuns(parts),
      ...permissions.answerPhases(parts),
      ...permissions.keepPhases(parts),
      ...permissions.findRuns(parts),
    ],
    isInLoop: true,
  }),
  "orchestrator/ledger": (parts) => ({
    environment: database(parts, "engine"),
    permissions: permissions.connectDatabase(parts, "engine"),
    isInLoop: true,
  }),
  "orchestrator/migrate": (parts) => ({
    environment: { DATABASE_URL: parts.data.database.url("owner") },
    permissions: parts.data.database.ownerSecretArn === undefined ? [] : permissions.readSecret(parts, parts.data.database.ownerSecretArn),
  }),
  "memory/http": (parts) => ({
    environment: { ...database(parts, "http"), ...lookups(parts) },
    permissions: [...permissions.connectDatabase(parts, "http"), ...permissions.keepAnswers(parts)],
  }),
  "planner/http": (parts) => ({
    environment: { ...database(parts, "http"), ...runs(parts), ...lookups(parts), ...workspaces(parts) },
    permissions: [
      ...permissions.connectDatabase(parts, "http"),
      ...permissions.connectCache(parts),
      ...permissions.keepAnswers(parts),
      ...permissions.useWorkspaces(parts),
      // Resuming a run sends what was parked; cancelling one answers its phase.
      ...permissions.send(parts, "control", "effects-llm", "effects-tool"),
      ...permissions.startRuns(parts),
      ...permissions.stopRuns(parts),
      ...permissions.answerPhases(parts),
    ],
  }),
  "planner/events": (parts) => ({
    environment: { ...database(parts, "http"), ...cache(parts) },
    permissions: [...permissions.connectDatabase(parts, "http"), ...permissions.connectCache(parts)],
  }),
  "ai-runtime/http": (parts) => ({
    environment: { ...database(parts, "http"), ...model(parts), OPENAI_SERVER: openAiServer(parts) },
    permissions: permissions.connectDatabase(parts, "http"),
  }),
  "ai-runtime/llm-worker": (parts) => ({
    environment: {
      ...hands(parts),
      OPENAI_KEY_SECRET: parts.data.openAiKey.secretArn,
      ...(parts.config.openAiBaseUrl === undefined ? {} : { OPENAI_BASE_URL: parts.config.openAiBaseUrl }),
    },
    permissions: [
      ...permissions.consume(parts, "effects-llm"),
      ...permissions.send(parts, "results"),
      ...permissions.invoke(parts, "orchestrator/ledger"),
      ...permissions.readSecret(parts, parts.data.openAiKey.secretArn),
    ],
    isInLoop: true,
  }),
  "tool-runner/http": (parts) => ({
    environment: { ...database(parts, "http"), ...runs(parts), ...lookups(parts) },
    permissions: [
      ...permissions.connectDatabase(parts, "http"),
      ...permissions.connectCache(parts),
      ...permissions.keepAnswers(parts),
      ...permissions.send(parts, "control"),
    ],
  }),
  "tool-runner/tool-worker": (parts) => ({
    environment: { ...hands(parts), ...workspaces(parts), SANDBOX_FUNCTION: parts.functionArn("tool-runner/sandbox") },
    permissions: [
      ...permissions.consume(parts, "effects-tool"),
      ...permissions.send(parts, "results"),
      ...permissions.invoke(parts, "orchestrator/ledger", "tool-runner/sandbox"),
      ...permissions.useWorkspaces(parts),
    ],
    isInLoop: true,
  }),
  "tool-runner/sandbox": () => ({
    environment: { SANDBOX_ENTRY: "/var/task/child.js" },
    permissions: [],
    isInLoop: true,
  }),
};

/** Aurora at 0 ACU takes 15 s to wake, and 30 s after a day. An HTTP function says so in time; the engine waits. */
const CONNECT_SECONDS = { http: 20, engine: 45 } as const satisfies Partial<Record<DatabaseLogin, number>>;

function database({ data }: AppParts, login: keyof typeof CONNECT_SECONDS) {
  return { DATABASE_URL: data.database.url(login), DATABASE_CONNECT_SECONDS: String(CONNECT_SECONDS[login]) };
}

/** What runs are created, changed and moved with. */
function runs(parts: AppParts) {
  return {
    ...cache(parts),
    CONTROL_QUEUE_URL: parts.queues.control.queue.queueUrl,
    LLM_QUEUE_URL: parts.queues["effects-llm"].queue.queueUrl,
    TOOL_QUEUE_URL: parts.queues["effects-tool"].queue.queueUrl,
    STATE_MACHINE_ARN: parts.stateMachine.stateMachineArn,
    ...model(parts),
  };
}

function hands(parts: AppParts) {
  return { LEDGER_FUNCTION: parts.functionArn("orchestrator/ledger"), RESULTS_QUEUE_URL: parts.queues.results.queue.queueUrl };
}

const cache = ({ data }: AppParts) => ({ CACHE_URL: data.cache.url });
const lookups = ({ data }: AppParts) => ({ LOOKUP_TABLE: data.lookups.tableName });
const workspaces = ({ data }: AppParts) => ({ WORKSPACE_BUCKET: data.workspaces.bucketName });
const model = ({ config }: AppParts) => ({ DEFAULT_MODEL: config.model });

/** Where calls of `openai:` models go; the key itself may be set later, by hand. */
function openAiServer({ config }: AppParts): string {
  if (config.openAiBaseUrl !== undefined) return "compatible";
  return config.model.startsWith("openai:") ? "vendor" : "absent";
}
