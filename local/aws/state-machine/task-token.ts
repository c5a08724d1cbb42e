import { randomBytes } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { Engine, Execution, Waiting } from "./execution.ts";

/** As long as AWS's can be long, so that a column or a check that is too small for them shows here. */
const TOKEN_BYTES = 750;

export function createToken(execution: Execution): string {
  const readable = Buffer.from(execution.arn).toString("base64url");
  return `${readable}.${randomBytes(TOKEN_BYTES - Math.ceil((readable.length * 3) / 4)).toString("base64url")}`;
}

/** The wait that a token ends. A token that was valid once is answered as AWS does: its task is over. */
export function findWaiting(engine: Engine, token: string): { execution: Execution; waiting: Waiting } {
  const [, encoded = ""] = /^([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  if (encoded === "") throw new AwsError("InvalidToken", "Invalid Token: 'Invalid token'");
  const execution = engine.executions.get(Buffer.from(encoded, "base64url").toString());
  if (execution === undefined) throw new AwsError("TaskDoesNotExist", "Task does not exist");
  const { waiting } = execution;
  if (waiting?.token !== token) throw new AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'");
  return { execution, waiting };
}
