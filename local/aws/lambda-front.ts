import type { SdkRequest, SdkRequestHandler, SdkResponse } from "../../shared/platform/aws/client-options.ts";
import { AwsError } from "./aws-error.ts";
import { bodyText } from "./json-front.ts";
import { getFunction, type LambdaFunctions, type Outcome, runFunction } from "./lambda-functions.ts";
import { LIMITS, refuseEventPayload, refuseInvokePayload, refuseMissingTenant } from "./limits.ts";

/** Seconds before the second and the third try of an asynchronous invoke that failed. */
const EVENT_RETRY_SECONDS = [60, 120];

/** The SDK's way to the functions of this process: the Invoke action of Lambda, without a socket. */
export function createLambdaRequestHandler(functions: LambdaFunctions): SdkRequestHandler {
  return {
    async handle(request) {
      try {
        return { response: await invoke(functions, request) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return { response: respond(error.status, { Type: "User", Message: error.message }, { "x-amzn-errortype": error.code }) };
      }
    },
  };
}

async function invoke(functions: LambdaFunctions, request: SdkRequest): Promise<SdkResponse> {
  const name = readFunctionName(request);
  getFunction(functions, name);
  const text = bodyText(request);
  const event = parseEvent(text);
  const tenantId = request.headers["x-amz-tenant-id"];
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type === "RequestResponse") {
    refuseInvokePayload(Buffer.byteLength(text));
    return answer(await runFunction(functions, name, event, { tenantId }));
  }
  if (type !== "Event")
    throw new AwsError("InvalidParameterValueException", `The embedded Lambda does not know the invocation type ${type}`);
  refuseEventPayload(Buffer.byteLength(text));
  refuseMissingTenant(name, functions.byName.get(name)?.requiresTenant === true, tenantId);
  setImmediate(() => void runEvent(functions, name, text, tenantId));
  return { statusCode: 202, headers: {}, body: new Uint8Array() };
}

/** Each try gets an event of its own, as it would in a process of its own. */
async function runEvent(functions: LambdaFunctions, name: string, text: string, tenantId: string | undefined, tried = 0): Promise<void> {
  const outcome = await runFunction(functions, name, parseEvent(text), { tenantId });
  const wait = EVENT_RETRY_SECONDS[tried];
  if (outcome.status === "answered" || wait === undefined) return;
  const { agenda } = functions;
  agenda.at(agenda.now() + wait * 1_000, () => void runEvent(functions, name, text, tenantId, tried + 1));
}

function readFunctionName({ method, path }: SdkRequest): string {
  const [, encoded = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
  const name = decodeURIComponent(encoded).replace(/^(arn:aws:lambda:[^:]*:[^:]*|[^:]*):function:/, "");
  if (method === "POST" && name !== "") return name;
  throw new AwsError("UnknownOperationException", `The embedded Lambda does not know ${method} ${path}`, 404);
}

function parseEvent(text: string): unknown {
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json");
  }
}

function answer(outcome: Outcome): SdkResponse {
  if (outcome.status === "failed") return respond(200, outcome.error, { "x-amz-function-error": "Unhandled" });
  const body = Buffer.from(JSON.stringify(outcome.answer) ?? "null");
  if (body.length <= LIMITS.lambdaPayloadBytes) return { statusCode: 200, headers: {}, body };
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${LIMITS.lambdaPayloadBytes} bytes).`;
  return respond(200, { errorType: "Function.ResponseSizeTooLarge", errorMessage, trace: [] }, { "x-amz-function-error": "Unhandled" });
}

function respond(statusCode: number, content: object, headers: Record<string, string>): SdkResponse {
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body: Buffer.from(JSON.stringify(content)) };
}
