import * as z from "zod";
import { type JsonValue, parseJson } from "../json.ts";
import { getLambdaClient } from "./lambda.ts";

/** The invoked function ran and threw, or ran out of time. What it said is for logs, not for a caller. */
export class FunctionFailed extends Error {
  override readonly name = "FunctionFailed";
  readonly functionName: string;
  readonly errorType: string;

  constructor(functionName: string, errorType: string, errorMessage: string) {
    super(`${functionName} failed with ${errorType}: ${errorMessage}`);
    this.functionName = functionName;
    this.errorType = errorType;
  }
}

const FunctionErrorPayload = z.object({ errorType: z.string().default("Error"), errorMessage: z.string().default("") });

/**
 * Invokes a function and waits for its answer; a function that answers nothing gives null.
 * @param options tenantId names the isolated tenant; functions in tenant isolation mode refuse an invoke without it
 * @throws FunctionFailed when the function threw; an SDK error when it could not be invoked
 */
export async function invokeFunction(name: string, payload: JsonValue, options: { tenantId?: string } = {}): Promise<JsonValue> {
  const [client, { InvokeCommand }] = await Promise.all([getLambdaClient(), import("@aws-sdk/client-lambda")]);
  const answer = await client.send(
    new InvokeCommand({
      FunctionName: name,
      Payload: JSON.stringify(payload),
      ...(options.tenantId === undefined ? {} : { TenantId: options.tenantId }),
    }),
  );
  const text = answer.Payload?.transformToString() ?? "";
  const value = text === "" ? null : parseJson(text);
  if (answer.FunctionError === undefined) return value;
  const { errorType, errorMessage } = FunctionErrorPayload.catch({ errorType: "Error", errorMessage: text }).parse(value);
  throw new FunctionFailed(name, errorType, errorMessage);
}
