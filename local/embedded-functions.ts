import { type FunctionSettings, functionTable, type ServingEntry } from "../functions/function-table.ts";
import type { LambdaFunction } from "./aws/lambda-functions.ts";

/** Every function that the product invokes, by its path below `functions/`, loaded as Lambda would load it: the same module, the same handler. */
export async function loadFunctions(): Promise<Record<ServingEntry, LambdaFunction>> {
  const [
    authorizer,
    gateway,
    auth,
    planner,
    events,
    orchestrator,
    conductor,
    ledger,
    memory,
    models,
    llmWorker,
    tools,
    toolWorker,
    sandbox,
  ] = await Promise.all([
    import("../functions/gateway/authorizer.ts"),
    import("../functions/gateway/http.ts"),
    import("../functions/auth/http.ts"),
    import("../functions/planner/http.ts"),
    import("../functions/planner/events.ts"),
    import("../functions/orchestrator/http.ts"),
    import("../functions/orchestrator/conductor.ts"),
    import("../functions/orchestrator/ledger.ts"),
    import("../functions/memory/http.ts"),
    import("../functions/ai-runtime/http.ts"),
    import("../functions/ai-runtime/llm-worker.ts"),
    import("../functions/tool-runner/http.ts"),
    import("../functions/tool-runner/tool-worker.ts"),
    import("../functions/tool-runner/sandbox.ts"),
  ]);
  return {
    "gateway/authorizer": { handler: authorizer.handler, ...settingsOf("gateway/authorizer") },
    "gateway/http": { handler: gateway.handler, ...settingsOf("gateway/http") },
    "auth/http": { handler: auth.handler, ...settingsOf("auth/http") },
    "planner/http": { handler: planner.handler, ...settingsOf("planner/http") },
    "planner/events": { streamHandler: events.handler, ...settingsOf("planner/events") },
    "orchestrator/http": { handler: orchestrator.handler, ...settingsOf("orchestrator/http") },
    "orchestrator/conductor": { handler: conductor.handler, ...settingsOf("orchestrator/conductor") },
    "orchestrator/ledger": { handler: ledger.handler, ...settingsOf("orchestrator/ledger") },
    "memory/http": { handler: memory.handler, ...settingsOf("memory/http") },
    "ai-runtime/http": { handler: models.handler, ...settingsOf("ai-runtime/http") },
    "ai-runtime/llm-worker": { handler: llmWorker.handler, ...settingsOf("ai-runtime/llm-worker") },
    "tool-runner/http": { handler: tools.handler, ...settingsOf("tool-runner/http") },
    "tool-runner/tool-worker": { handler: toolWorker.handler, ...settingsOf("tool-runner/tool-worker") },
    "tool-runner/sandbox": { handler: sandbox.handler, ...settingsOf("tool-runner/sandbox") },
  };
}

/** As the CDK app gives them to Lambda. */
function settingsOf(entry: ServingEntry) {
  const { timeoutSeconds, isPerTenant }: FunctionSettings = functionTable[entry];
  return { timeoutSeconds, requiresTenant: isPerTenant === true };
}
