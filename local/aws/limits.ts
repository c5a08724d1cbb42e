import { AwsError } from "./aws-error.ts";

const MIB = 1_048_576;

/** What AWS allows. No emulator refuses all of these, so every adapter here does: a breach must show on a laptop, not after a deploy. */
export const LIMITS = {
  sqsDelaySeconds: 900,
  sqsVisibilitySeconds: 43_200,
  sqsWaitSeconds: 20,
  sqsBatchMessages: 10,
  /** One message, and all messages of a batch together: bodies and attributes. */
  sqsBytes: MIB,
  stepFunctionsPayloadBytes: 256 * 1024,
  stepFunctionsHistoryEvents: 25_000,
  lambdaTimeoutSeconds: 900,
  /** Request or answer of a synchronous invoke. */
  lambdaPayloadBytes: 6 * MIB,
  /** Request of an asynchronous invoke. */
  lambdaEventBytes: MIB,
  gatewayBodyBytes: 10 * MIB,
  gatewayReplySeconds: 29,
  gatewayAuthorizerCacheSeconds: 60,
} as const;

export function refuseDelay(seconds: number): void {
  refuseOutside("DelaySeconds", seconds, LIMITS.sqsDelaySeconds);
}

export function refuseVisibility(seconds: number): void {
  refuseOutside("VisibilityTimeout", seconds, LIMITS.sqsVisibilitySeconds);
}

export function refuseWait(seconds: number): void {
  refuseOutside("WaitTimeSeconds", seconds, LIMITS.sqsWaitSeconds);
}

export function refuseReceiveSize(messages: number): void {
  refuseOutside("MaxNumberOfMessages", messages, LIMITS.sqsBatchMessages, 1);
}

function refuseOutside(parameter: string, value: number, maximum: number, minimum = 0): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw new AwsError(
    "InvalidParameterValue",
    `Value ${value} for parameter ${parameter} is invalid. Reason: Must be between ${minimum} and ${maximum}.`,
  );
}

export function refuseMessageBytes(bytes: number): void {
  if (bytes <= LIMITS.sqsBytes) return;
  throw new AwsError(
    "InvalidParameterValue",
    `One or more parameters are invalid. Reason: Message must be shorter than ${LIMITS.sqsBytes} bytes.`,
  );
}

export function refuseBatch(messages: number, bytes: number): void {
  if (messages === 0) throw new AwsError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (messages > LIMITS.sqsBatchMessages) {
    throw new AwsError("TooManyEntriesInBatchRequest", `Maximum number of entries per request are ${LIMITS.sqsBatchMessages}.`);
  }
  if (bytes > LIMITS.sqsBytes) throw new AwsError("BatchRequestTooLong", `Batch requests cannot be longer than ${LIMITS.sqsBytes} bytes.`);
}

export function refuseInvokePayload(bytes: number): void {
  refuseLargePayload(bytes, LIMITS.lambdaPayloadBytes, "RequestResponse");
}

export function refuseEventPayload(bytes: number): void {
  refuseLargePayload(bytes, LIMITS.lambdaEventBytes, "Event");
}

function refuseLargePayload(bytes: number, maximum: number, type: string): void {
  if (bytes <= maximum) return;
  throw new AwsError(
    "RequestTooLargeException",
    `${bytes} byte payload is too large for the ${type} invocation type (limit ${maximum} bytes)`,
    413,
  );
}

export function refuseMissingTenant(functionName: string, requiresTenant: boolean, tenantId: string | undefined): void {
  if (requiresTenant === (tenantId !== undefined)) return;
  throw new AwsError(
    "InvalidParameterValueException",
    requiresTenant ? `${functionName} is tenant isolated: an invoke needs a tenant id` : `${functionName} is not tenant isolated`,
  );
}

/**
 * Whether an event or an answer is more than a synchronous invoke carries, as JSON.
 * @param length of the one field that can be long, in UTF-16 units
 */
export function isInvokePayloadTooLarge(value: object, length: number): boolean {
  // A unit grows to six bytes at most when it is escaped, and the rest of a payload is small: most need no counting.
  if (length * 6 + 64 * 1_024 < LIMITS.lambdaPayloadBytes) return false;
  return Buffer.byteLength(JSON.stringify(value)) > LIMITS.lambdaPayloadBytes;
}

/** @param text a state's input, output or a callback's output, as JSON */
export function isStatePayloadTooLarge(text: string): boolean {
  // One UTF-16 unit is at most three bytes, so short texts need no counting.
  return text.length * 3 > LIMITS.stepFunctionsPayloadBytes && Buffer.byteLength(text) > LIMITS.stepFunctionsPayloadBytes;
}
