import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { SdkRequestHandler } from "../../../shared/platform/aws/client-options.ts";
import { createJsonFront, jsonAction } from "../json-front.ts";
import { getExecution, sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess, startExecution, stopExecution } from "./engine.ts";
import type { Engine, Execution, HistoryEvent } from "./execution.ts";

const ErrorName = z.string().max(256).default("");
const Cause = z.string().max(32_768).default("");
const Token = z.string().min(1).max(2_048);

/** The SDK's way to the embedded engine: the JSON protocol of Step Functions, without a socket. */
export function createStepFunctionsRequestHandler(engine: Engine): SdkRequestHandler {
  return createJsonFront("Step Functions", {
    StartExecution: jsonAction(
      z.strictObject({ stateMachineArn: z.string(), name: z.string().default(randomUUID), input: z.string().default("{}") }),
      ({ stateMachineArn, name, input }) => {
        const { arn, startedAt } = startExecution(engine, stateMachineArn, name, input);
        return { executionArn: arn, startDate: seconds(startedAt) };
      },
    ),
    StopExecution: jsonAction(
      z.strictObject({ executionArn: z.string(), error: ErrorName, cause: Cause }),
      ({ executionArn, error, cause }) => {
        const { stoppedAt = engine.agenda.now() } = stopExecution(engine, executionArn, error, cause);
        return { stopDate: seconds(stoppedAt) };
      },
    ),
    DescribeExecution: jsonAction(z.strictObject({ executionArn: z.string() }), ({ executionArn }) =>
      describeExecution(getExecution(engine, executionArn)),
    ),
    GetExecutionHistory: jsonAction(z.strictObject({ executionArn: z.string() }), ({ executionArn }) => ({
      events: getExecution(engine, executionArn).history.map(describeEvent),
    })),
    SendTaskSuccess: jsonAction(z.strictObject({ taskToken: Token, output: z.string() }), ({ taskToken, output }) => {
      sendTaskSuccess(engine, taskToken, output);
      return {};
    }),
    SendTaskFailure: jsonAction(z.strictObject({ taskToken: Token, error: ErrorName, cause: Cause }), ({ taskToken, error, cause }) => {
      sendTaskFailure(engine, taskToken, error, cause);
      return {};
    }),
    SendTaskHeartbeat: jsonAction(z.strictObject({ taskToken: Token }), ({ taskToken }) => {
      sendTaskHeartbeat(engine, taskToken);
      return {};
    }),
  });
}

/** The protocol's times are seconds, with fractions. */
function seconds(milliseconds: number): number {
  return milliseconds / 1_000;
}

function describeExecution({ arn, machine, name, status, startedAt, stoppedAt, input, output, error, cause }: Execution): object {
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: seconds(startedAt),
    ...(stoppedAt === undefined ? {} : { stopDate: seconds(stoppedAt) }),
    input,
    output,
    error,
    cause,
  };
}

/** Where the details of an event belong in the answer. */
function detailsKey(type: string): string {
  if (type.endsWith("StateEntered")) return "stateEnteredEventDetails";
  if (type.endsWith("StateExited")) return "stateExitedEventDetails";
  return `${type.slice(0, 1).toLowerCase()}${type.slice(1)}EventDetails`;
}

function describeEvent({ at, type, details }: HistoryEvent, index: number): object {
  return {
    id: index + 1,
    previousEventId: index,
    timestamp: seconds(at),
    type,
    ...(details === undefined ? {} : { [detailsKey(type)]: details }),
  };
}
