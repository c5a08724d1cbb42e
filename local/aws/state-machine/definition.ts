import * as z from "zod";
import { JsonValue } from "../../../shared/platform/json.ts";

export const MAXIMUM_TIMEOUT_SECONDS = 99_999_999;

/**
 * The part of the Amazon States Language that our state machines are written in. Strict throughout: a field that is not named here is
 * refused when the definition is loaded, because running it without that field would be another machine than the one on AWS.
 */
const Comment = z.string().optional();
const StateName = z.string().min(1).max(80);
const ReferencePath = z.string().regex(/^\$(\.\w+)*$/, "only paths of field names are supported, like $.a.b");
const ResultPath = ReferencePath.nullable();

const Comparison = z.strictObject({
  Variable: ReferencePath,
  StringEquals: z.string().optional(),
  BooleanEquals: z.boolean().optional(),
  NumericGreaterThan: z.number().optional(),
  IsPresent: z.boolean().optional(),
});
export type Comparison = z.infer<typeof Comparison>;

const ChoiceRule = z.union([
  z.strictObject({ ...Comparison.shape, Next: StateName }),
  z.strictObject({ And: z.array(Comparison).min(1), Next: StateName }),
]);
export type ChoiceRule = z.infer<typeof ChoiceRule>;

const ErrorNames = z.array(z.string().min(1)).min(1);

const Retrier = z.strictObject({
  ErrorEquals: ErrorNames,
  IntervalSeconds: z.int().min(1).default(1),
  MaxAttempts: z.int().min(0).default(3),
  BackoffRate: z.number().min(1).default(2),
  MaxDelaySeconds: z.int().min(1).optional(),
});
export type Retrier = z.infer<typeof Retrier>;

const Catcher = z.strictObject({ ErrorEquals: ErrorNames, ResultPath: ResultPath.default("$"), Next: StateName });
export type Catcher = z.infer<typeof Catcher>;

const Template = z.record(z.string(), JsonValue);

const ChoiceState = z.strictObject({
  Type: z.literal("Choice"),
  Comment,
  Choices: z.array(ChoiceRule).min(1),
  Default: StateName.optional(),
});
export type ChoiceState = z.infer<typeof ChoiceState>;

const PassState = z.strictObject({
  Type: z.literal("Pass"),
  Comment,
  Result: JsonValue.optional(),
  Parameters: Template.optional(),
  ResultPath: ResultPath.default("$"),
  Next: StateName,
});
export type PassState = z.infer<typeof PassState>;

const TaskState = z.strictObject({
  Type: z.literal("Task"),
  Comment,
  Resource: z.string().endsWith(".waitForTaskToken", "only callback tasks are supported"),
  Parameters: Template,
  ResultPath: ResultPath.default("$"),
  TimeoutSeconds: z.int().min(1).max(MAXIMUM_TIMEOUT_SECONDS).optional(),
  TimeoutSecondsPath: ReferencePath.optional(),
  HeartbeatSeconds: z.int().min(1).optional(),
  Retry: z.array(Retrier).default([]),
  Catch: z.array(Catcher).default([]),
  Next: StateName,
});
export type TaskState = z.infer<typeof TaskState>;

const SucceedState = z.strictObject({ Type: z.literal("Succeed"), Comment });
const FailState = z.strictObject({ Type: z.literal("Fail"), Comment, Error: z.string(), Cause: z.string() });

const State = z.discriminatedUnion("Type", [ChoiceState, PassState, TaskState, SucceedState, FailState]);
export type State = z.infer<typeof State>;

export const Definition = z.strictObject({ Comment, StartAt: StateName, States: z.record(StateName, State) });
export type Definition = z.infer<typeof Definition>;
