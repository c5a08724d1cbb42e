import { inside } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

const ALARM = "AWS::CloudWatch::Alarm";
const LOG_GROUP = "AWS::Logs::LogGroup";

export const stackMutations: readonly Mutation[] = [
  {
    rule: "log-groups",
    mistake: "lines are kept for ever",
    make: (draft) => {
      delete draft.one(LOG_GROUP, "PlannerHttp").Properties["RetentionInDays"];
    },
  },
  {
    rule: "log-groups",
    mistake: "a function writes into a group that Lambda makes",
    make: (draft) => {
      delete draft.lambda("planner/http").Properties["LoggingConfig"];
    },
  },
  {
    rule: "log-groups",
    mistake: "two functions write into one group",
    make: (draft) => {
      draft.lambda("planner/http").Properties["LoggingConfig"] = draft.lambda("memory/http").Properties["LoggingConfig"];
    },
  },
  {
    rule: "log-groups",
    mistake: "nobody knows who asked the API",
    make: (draft) => {
      delete draft.one("AWS::ApiGateway::Stage").Properties["AccessLogSetting"];
    },
  },
  {
    rule: "log-groups",
    mistake: "bodies of requests are logged",
    make: (draft) => {
      inside(draft.one("AWS::ApiGateway::Stage"), "MethodSettings", "0")["DataTraceEnabled"] = true;
    },
  },
  {
    rule: "log-groups",
    mistake: "runs' failures are logged nowhere",
    make: (draft) => {
      delete draft.one("AWS::StepFunctions::StateMachine").Properties["LoggingConfiguration"];
    },
  },
  { rule: "log-groups", mistake: "RDS makes its log group itself", make: (draft) => draft.remove(LOG_GROUP, "DatabaseLines") },
  { rule: "log-groups", mistake: "API Gateway makes its log group itself", make: (draft) => draft.remove(LOG_GROUP, "ExecutionLogs") },
  ...(["AlarmActions", "OKActions", "TreatMissingData", "AlarmDescription"] as const).map(
    (field): Mutation => ({
      rule: "alarms",
      mistake: `an alarm is without ${field}`,
      make: (draft) => {
        delete draft.one(ALARM, "FailingApi").Properties[field];
      },
    }),
  ),
  {
    rule: "alarms",
    mistake: "an alarm does not say where to read what to do",
    make: (draft) => {
      draft.one(ALARM, "FailingApi").Properties["AlarmDescription"] = "The API fails.";
    },
  },
  {
    rule: "alarms",
    mistake: "an alarm is switched off",
    make: (draft) => {
      draft.one(ALARM, "FailingApi").Properties["ActionsEnabled"] = false;
    },
  },
  { rule: "alarms", mistake: "nobody sees what models cost", make: (draft) => draft.remove(ALARM, "Spending") },
  { rule: "alarms", mistake: "nobody sees that messages grow old", make: (draft) => draft.remove(ALARM, "ControlOldMessages") },
  {
    rule: "alarms",
    mistake: "an alarm watches a function that is not there",
    make: (draft) => {
      draft.one(ALARM, "SlowApi").Properties["Dimensions"] = [{ Name: "FunctionName", Value: "planner" }];
    },
  },
  {
    rule: "acknowledgements",
    mistake: "a finding of cdk-nag is open",
    make: ({ synthesised }) => {
      const finding = { ruleName: "AwsSolutions-S10", description: "The bucket does not require TLS.", violatingResources: [] };
      Object.assign(synthesised.nag, { open: [finding] });
    },
  },
  {
    rule: "acknowledgements",
    mistake: "one finding more is acknowledged",
    make: ({ synthesised }) => {
      Object.assign(synthesised.nag, { acknowledged: synthesised.nag.acknowledged + 1 });
    },
  },
  {
    rule: "acknowledgements",
    mistake: "an acknowledgement is kept that nothing needs",
    make: ({ synthesised }) => {
      Object.assign(synthesised.nag, {
        unused: [{ at: "app", rule: "AwsSolutions::AwsSolutions-L1", reason: "It was needed once, long ago." }],
      });
    },
  },
  {
    rule: "templates",
    mistake: "a look-up in an account is needed",
    make: ({ synthesised }) => {
      Object.assign(synthesised.assembly, { missing: [{ key: "availability-zones" }] });
    },
  },
  {
    rule: "templates",
    mistake: "Docker is needed",
    make: ({ synthesised }) => {
      Object.assign(synthesised.assembly, { images: ["sandbox"] });
    },
  },
  {
    rule: "templates",
    mistake: "a stack grows beyond what CloudFormation takes",
    make: (draft) => {
      for (let number = 0; number < 400; number += 1) draft.add("app", `Topic${number}`, { Type: "AWS::SSM::Parameter", Properties: {} });
    },
  },
  {
    rule: "templates",
    mistake: "a function does not say whose it is",
    make: (draft) => {
      delete draft.lambda("planner/http").Properties["Tags"];
    },
  },
];
