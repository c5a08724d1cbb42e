import type { Writable } from "node:stream";
import type { LambdaContext, LambdaFunction } from "./aws/lambda-functions.ts";

/** API Gateway gives a buffered answer 29 s; the rest of the numbers are those that AWS gets. */
const HTTP_SECONDS = 29;

type Handler = (event: never, context: never) => unknown;
type StreamHandler = (event: never, stream: never, context: never) => unknown;

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
    "gateway/authorizer": buffered(authorizer.handler, 10),
    "gateway/http": buffered(gateway.handler, HTTP_SECONDS),
    "auth/http": buffered(auth.handler, HTTP_SECONDS),
    "planner/http": buffered(planner.handler, HTTP_SECONDS),
    "planner/events": streaming(events.handler, 60),
    "orchestrator/http": buffered(orchestrator.handler, HTTP_SECONDS),
    "orchestrator/conductor": buffered(conductor.handler, 90),
    "orchestrator/ledger": buffered(ledger.handler, 90),
    "memory/http": buffered(memory.handler, HTTP_SECONDS),
    "ai-runtime/http": buffered(models.handler, HTTP_SECONDS),
    "ai-runtime/llm-worker": buffered(llmWorker.handler, 900),
    "tool-runner/http": buffered(tools.handler, HTTP_SECONDS),
    "tool-runner/tool-worker": buffered(toolWorker.handler, 120),
    "tool-runner/sandbox": { ...buffered(sandbox.handler, 60), requiresTenant: true },
  };
}

/** Each handler declares the event that its trigger sends; whoever invokes it by name cannot know that type. */
function buffered(handler: Handler, timeoutSeconds: number): LambdaFunction {
  return { handler: (event: unknown, context: LambdaContext) => handler(event as never, context as never), timeoutSeconds };
}

function streaming(handler: StreamHandler, timeoutSeconds: number): LambdaFunction {
  return {
    streamHandler: (event: unknown, stream: Writable, context: LambdaContext) => handler(event as never, stream as never, context as never),
    timeoutSeconds,
  };
}
