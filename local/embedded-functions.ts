import type { LambdaFunction } from "./aws/lambda-functions.ts";

/** API Gateway gives a buffered answer 29 s; the rest of the numbers are those that AWS gets. */
const HTTP_SECONDS = 29;

/** Every function of the product by its path below `functions/`, loaded as Lambda would load it: the same module, the same handler. */
export async function loadFunctions(): Promise<Record<string, LambdaFunction>> {
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
    "gateway/authorizer": { handler: authorizer.handler, timeoutSeconds: 10 },
    "gateway/http": { handler: gateway.handler, timeoutSeconds: HTTP_SECONDS },
    "auth/http": { handler: auth.handler, timeoutSeconds: HTTP_SECONDS },
    "planner/http": { handler: planner.handler, timeoutSeconds: HTTP_SECONDS },
    "planner/events": { streamHandler: events.handler, timeoutSeconds: 60 },
    "orchestrator/http": { handler: orchestrator.handler, timeoutSeconds: HTTP_SECONDS },
    "orchestrator/conductor": { handler: conductor.handler, timeoutSeconds: 90 },
    "orchestrator/ledger": { handler: ledger.handler, timeoutSeconds: 90 },
    "memory/http": { handler: memory.handler, timeoutSeconds: HTTP_SECONDS },
    "ai-runtime/http": { handler: models.handler, timeoutSeconds: HTTP_SECONDS },
    "ai-runtime/llm-worker": { handler: llmWorker.handler, timeoutSeconds: 900 },
    "tool-runner/http": { handler: tools.handler, timeoutSeconds: HTTP_SECONDS },
    "tool-runner/tool-worker": { handler: toolWorker.handler, timeoutSeconds: 120 },
    "tool-runner/sandbox": { handler: sandbox.handler, timeoutSeconds: 60, requiresTenant: true },
  };
}
