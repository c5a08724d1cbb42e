import { addStatement, allow, editStates, inside, statementOn, statementsOf } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

const MAPPING = "AWS::Lambda::EventSourceMapping";
const RULE = "AWS::Events::Rule";

export const queueMutations: readonly Mutation[] = [
  {
    rule: "recursive-loop",
    mistake: "the conductor is ended after 16 hops",
    make: (draft) => {
      delete draft.lambda("orchestrator/conductor").Properties["RecursiveLoop"];
    },
  },
  {
    rule: "recursive-loop",
    mistake: "a function that is invoked by a hand is ended after 16 hops",
    make: (draft) => {
      draft.lambda("tool-runner/sandbox").Properties["RecursiveLoop"] = "Terminate";
    },
  },
  {
    rule: "recursive-loop",
    mistake: "a function outside of the chain may loop",
    make: (draft) => {
      draft.lambda("auth/http").Properties["RecursiveLoop"] = "Allow";
    },
  },
  {
    rule: "queue-trust",
    mistake: "a hand may write to control",
    make: (draft) => allow(draft, "ai-runtime/llm-worker", "sqs:SendMessage", draft.arn(draft.queue("control"))),
  },
  {
    rule: "queue-trust",
    mistake: "a mind function may write results",
    make: (draft) => allow(draft, "planner/http", "sqs:SendMessage", draft.arn(draft.queue("results"))),
  },
  {
    rule: "queue-trust",
    mistake: "a hand cannot report",
    make: (draft) => {
      statementOn(draft, "tool-runner/tool-worker", "sqs:SendMessage")["Effect"] = "Deny";
    },
  },
  {
    rule: "queue-trust",
    mistake: "a queue's own policy lets everybody send",
    make: (draft) => {
      const [statement] = statementsOf(draft.one("AWS::SQS::QueuePolicy", "ResultsQueuePolicy").Properties["PolicyDocument"]);
      Object.assign(statement ?? {}, { Effect: "Allow", Action: "sqs:SendMessage", Condition: undefined });
    },
  },
  {
    rule: "queue-trust",
    mistake: "EventBridge may write to control for rules of anybody",
    make: (draft) => {
      const statements = statementsOf(draft.one("AWS::SQS::QueuePolicy", "ControlQueuePolicy").Properties["PolicyDocument"]);
      for (const statement of statements.filter(({ Effect }) => Effect === "Allow")) delete statement["Condition"];
    },
  },
  { rule: "event-sources", mistake: "nobody is handed a queue", make: (draft) => draft.remove(MAPPING, "ResultsConsumer") },
  {
    rule: "event-sources",
    mistake: "what no hand could take over is given up before the conductor has seen it",
    make: (draft) => {
      inside(draft.queue("control"), "RedrivePolicy")["maxReceiveCount"] = 5;
    },
  },
  {
    rule: "event-sources",
    mistake: "a batch is smaller than the table says",
    make: (draft) => {
      draft.one(MAPPING, "ControlConsumer").Properties["BatchSize"] = 1;
    },
  },
  {
    rule: "event-sources",
    mistake: "a queue has as many consumers as Lambda gives",
    make: (draft) => {
      delete draft.one(MAPPING, "EffectsLlmConsumer").Properties["ScalingConfig"];
    },
  },
  {
    rule: "event-sources",
    mistake: "messages wait for a fuller batch",
    make: (draft) => {
      draft.one(MAPPING, "ResultsConsumer").Properties["MaximumBatchingWindowInSeconds"] = 5;
    },
  },
  {
    rule: "event-sources",
    mistake: "one message that fails repeats its whole batch",
    make: (draft) => {
      delete draft.one(MAPPING, "EffectsToolConsumer").Properties["FunctionResponseTypes"];
    },
  },
  {
    rule: "event-sources",
    mistake: "messages come back while their function still works",
    make: (draft) => {
      draft.queue("effects-llm").Properties["VisibilityTimeout"] = 30;
    },
  },
  {
    rule: "event-sources",
    mistake: "messages are given up after the first delivery",
    make: (draft) => {
      inside(draft.queue("control"), "RedrivePolicy")["maxReceiveCount"] = 1;
    },
  },
  {
    rule: "event-sources",
    mistake: "a queue is handed to another function",
    make: (draft) => {
      draft.one(MAPPING, "ResultsConsumer").Properties["FunctionName"] = draft.one(MAPPING, "EffectsToolConsumer").Properties[
        "FunctionName"
      ];
    },
  },
  {
    rule: "dead-letters",
    mistake: "a queue gives nothing up",
    make: (draft) => {
      delete draft.queue("effects-tool").Properties["RedrivePolicy"];
    },
  },
  {
    rule: "dead-letters",
    mistake: "effects that nobody takes over are left to a person",
    make: (draft) => {
      draft.queue("effects-llm").Properties["RedrivePolicy"] = draft.queue("results").Properties["RedrivePolicy"];
    },
  },
  {
    rule: "dead-letters",
    mistake: "two queues share their dead letters",
    make: (draft) => {
      draft.queue("results").Properties["RedrivePolicy"] = draft.queue("control").Properties["RedrivePolicy"];
    },
  },
  {
    rule: "dead-letters",
    mistake: "dead letters are gone after four days",
    make: (draft) => {
      delete draft.deadLetters("control").Properties["MessageRetentionPeriod"];
    },
  },
  {
    rule: "dead-letters",
    mistake: "nobody is told of dead letters",
    make: (draft) => draft.remove("AWS::CloudWatch::Alarm", "ResultsDeadLetters"),
  },
  {
    rule: "dead-letters",
    mistake: "somebody is told of the hundredth dead letter",
    make: (draft) => {
      draft.one("AWS::CloudWatch::Alarm", "ControlDeadLetters").Properties["Threshold"] = 100;
    },
  },
  {
    rule: "execution-ends",
    mistake: "nobody is told of a timeout",
    make: (draft) => {
      inside(draft.one(RULE), "EventPattern", "detail")["status"] = ["FAILED", "ABORTED"];
    },
  },
  {
    rule: "execution-ends",
    mistake: "the end of an execution is told to the hands",
    make: (draft) => {
      inside(draft.one(RULE), "Targets", "0")["Arn"] = draft.arn(draft.queue("effects-tool"));
    },
  },
  {
    rule: "execution-ends",
    mistake: "an event that cannot be delivered is lost",
    make: (draft) => {
      delete inside(draft.one(RULE), "Targets", "0")["DeadLetterConfig"];
    },
  },
  {
    rule: "execution-ends",
    mistake: "machines of the whole account are listened to",
    make: (draft) => {
      delete inside(draft.one(RULE), "EventPattern", "detail")["stateMachineArn"];
    },
  },
  {
    rule: "execution-ends",
    mistake: "the rule is switched off",
    make: (draft) => {
      draft.one(RULE).Properties["State"] = "DISABLED";
    },
  },
  {
    rule: "execution-ends",
    mistake: "something runs every minute",
    make: (draft) => draft.add("app", "Sweeper", { Type: RULE, Properties: { ScheduleExpression: "rate(1 minute)", State: "ENABLED" } }),
  },
  {
    rule: "state-machine",
    mistake: "a state leads to one that is not there",
    make: (draft) =>
      editStates(draft, (states) => {
        Object.assign(states["PlanGoal"] ?? {}, { Next: "ExecuteTask" });
      }),
  },
  {
    rule: "state-machine",
    mistake: "no way leads to a state",
    make: (draft) =>
      editStates(draft, (states) => {
        states["Orphan"] = { Type: "Succeed" };
      }),
  },
  ...(["Retry", "Catch", "HeartbeatSeconds", "TimeoutSecondsPath", "ResultPath"] as const).map(
    (field): Mutation => ({
      rule: "state-machine",
      mistake: `a phase is without ${field}`,
      make: (draft) =>
        editStates(draft, (states) => {
          delete states["ExecuteTasks"]?.[field];
        }),
    }),
  ),
  {
    rule: "state-machine",
    mistake: "the machine may invoke a function",
    make: (draft) =>
      addStatement(draft.one("AWS::IAM::Role", "RunRole"), {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: draft.arn(draft.lambda("orchestrator/conductor")),
      }),
  },
  {
    rule: "state-machine",
    mistake: "phases are sent to the hands",
    make: (draft) => {
      inside(draft.one("AWS::StepFunctions::StateMachine"), "DefinitionSubstitutions")["ControlQueueUrl"] = draft.ref(
        draft.queue("effects-llm"),
      );
    },
  },
  {
    rule: "state-machine",
    mistake: "the log holds what executions carry",
    make: (draft) => {
      inside(draft.one("AWS::StepFunctions::StateMachine"), "LoggingConfiguration")["IncludeExecutionData"] = true;
    },
  },
  {
    rule: "state-machine",
    mistake: "a machine that forgets after five minutes",
    make: (draft) => {
      draft.one("AWS::StepFunctions::StateMachine").Properties["StateMachineType"] = "EXPRESS";
    },
  },
];
