import { getSfnClient } from "../../platform/aws/sfn.ts";
import type { Outbox } from "../deps.ts";

type StateMachineCalls = Pick<Outbox, "answerPhase" | "heartbeatPhase" | "findExecution" | "startExecution" | "stopExecution">;

/** What the outbox says to Step Functions. */
export function callStateMachine(stateMachineArn: string): StateMachineCalls {
  return {
    async answerPhase(token, due) {
      const [client, { SendTaskSuccessCommand, SendTaskFailureCommand }] = await Promise.all([
        getSfnClient(),
        import("@aws-sdk/client-sfn"),
      ]);
      await unlessForgotten(async () => {
        if (due.kind === "success") await client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(due.output) }));
        else await client.send(new SendTaskFailureCommand({ taskToken: token, error: due.error.code, cause: JSON.stringify(due.error) }));
      });
    },
    async heartbeatPhase(token) {
      const [client, { SendTaskHeartbeatCommand }] = await Promise.all([getSfnClient(), import("@aws-sdk/client-sfn")]);
      return unlessForgotten(() => client.send(new SendTaskHeartbeatCommand({ taskToken: token })));
    },
    async findExecution(name) {
      const [client, { DescribeExecutionCommand }] = await Promise.all([getSfnClient(), import("@aws-sdk/client-sfn")]);
      try {
        const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn: arnOf(stateMachineArn, name) }));
        // One that waits to be driven again goes on.
        return { status: status === undefined || status === "PENDING_REDRIVE" ? "RUNNING" : status, error, cause };
      } catch (error) {
        if (!isOneOf(error, ["ExecutionDoesNotExist"])) throw error;
        return undefined;
      }
    },
    async startExecution({ name, ...input }) {
      const [client, { StartExecutionCommand }] = await Promise.all([getSfnClient(), import("@aws-sdk/client-sfn")]);
      try {
        const payload = JSON.stringify(input);
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: payload }));
      } catch (error) {
        if (!isOneOf(error, ["ExecutionAlreadyExists"])) throw error;
      }
    },
    async stopExecution(name, cause) {
      const [client, { StopExecutionCommand }] = await Promise.all([getSfnClient(), import("@aws-sdk/client-sfn")]);
      try {
        await client.send(new StopExecutionCommand({ executionArn: arnOf(stateMachineArn, name), cause }));
      } catch (error) {
        if (!isOneOf(error, ["ExecutionDoesNotExist"])) throw error;
      }
    },
  };
}

function arnOf(stateMachineArn: string, name: string): string {
  return `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;
}

/** False: nobody waits for a token any more once its phase was re-driven under another one, or the machine has ended. */
async function unlessForgotten(answer: () => Promise<unknown>): Promise<boolean> {
  try {
    await answer();
    return true;
  } catch (error) {
    if (!isOneOf(error, ["TaskTimedOut", "TaskDoesNotExist"])) throw error;
    return false;
  }
}

function isOneOf(error: unknown, names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}
