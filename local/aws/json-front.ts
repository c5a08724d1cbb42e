import * as z from "zod";
import type { SdkRequest, SdkRequestHandler, SdkResponse } from "../../shared/platform/aws/client-options.ts";
import { AwsError } from "./aws-error.ts";

/** One action of a service: takes the parsed body, answers with what is to be sent as JSON. */
export type JsonAction = (input: unknown) => object | Promise<object>;

export type JsonActionTable = Readonly<Record<string, JsonAction>>;

/** Binds an action to the schema of its input; what the schema does not know is refused by name rather than ignored. */
export function jsonAction<Input>(schema: z.ZodType<Input>, act: (input: Input) => object | Promise<object>): JsonAction {
  return (input) => {
    const parsed = schema.safeParse(input);
    if (!parsed.success) throw new AwsError("ValidationException", z.prettifyError(parsed.error));
    return act(parsed.data);
  };
}

/** Speaks AWS JSON 1.0 inside the process: the SDK's requests for `actions`, named in the header `x-amz-target`. */
export function createJsonFront(service: string, actions: JsonActionTable): SdkRequestHandler {
  return {
    async handle(request) {
      try {
        const name = request.headers["x-amz-target"]?.split(".")[1] ?? "";
        const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
        if (action === undefined) throw new AwsError("UnknownOperationException", `The embedded ${service} does not know ${name}`);
        return { response: jsonResponse(await action(JSON.parse(bodyText(request)))) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return { response: jsonError(error) };
      }
    },
  };
}

export function bodyText({ body }: SdkRequest): string {
  if (body === undefined || body === null) return "";
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  throw new AwsError("SerializationException", "The embedded services take bodies as text or bytes only");
}

export function jsonResponse(content: object, statusCode = 200, headers: Record<string, string> = {}): SdkResponse {
  return { statusCode, headers: { "content-type": "application/x-amz-json-1.0", ...headers }, body: Buffer.from(JSON.stringify(content)) };
}

export function jsonError({ code, message, status }: AwsError): SdkResponse {
  return jsonResponse({ __type: code, message }, status, { "x-amzn-errortype": code });
}
