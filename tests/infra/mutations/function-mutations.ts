import { inside, variablesOf } from "./draft.ts";
import type { Mutation } from "./mutation.ts";

const FUNCTION = "AWS::Lambda::Function";

export const functionMutations: readonly Mutation[] = [
  { rule: "functions", mistake: "a function is forgotten", make: (draft) => draft.remove(FUNCTION, "PlannerEvents") },
  ...(
    [
      ["Timeout", 3, "stopped after the three seconds that Lambda gives by itself"],
      ["MemorySize", 128, "given the least memory"],
      ["Runtime", "nodejs18.x", "run by a version that its bundle is not made for"],
      ["Architectures", ["x86_64"], "made for the dearer processor"],
      ["Handler", "main.handler", "begun where its bundle has nothing"],
    ] as const
  ).map(
    ([name, value, mistake]): Mutation => ({
      rule: "functions",
      mistake: `a function is ${mistake}`,
      make: (draft) => {
        draft.lambda("memory/http").Properties[name] = value;
      },
    }),
  ),
  {
    rule: "functions",
    mistake: "a function is not traced",
    make: (draft) => {
      delete draft.lambda("memory/http").Properties["TracingConfig"];
    },
  },
  {
    rule: "functions",
    mistake: "what runs untrusted code is traced",
    make: (draft) => {
      draft.lambda("tool-runner/sandbox").Properties["TracingConfig"] = { Mode: "Active" };
    },
  },
  {
    rule: "functions",
    mistake: "concurrency is reserved in a fresh account",
    stage: "dev",
    make: (draft) => {
      draft.lambda("memory/http").Properties["ReservedConcurrentExecutions"] = 5;
    },
  },
  {
    rule: "timeouts",
    mistake: "a function may run longer than API Gateway waits",
    make: (draft) => {
      draft.lambda("planner/http").Properties["Timeout"] = 60;
    },
  },
  {
    rule: "timeouts",
    mistake: "an HTTP function waits longer for its database than it may run",
    make: (draft) => {
      variablesOf(draft, "auth/http")["DATABASE_CONNECT_SECONDS"] = "45";
    },
  },
  {
    rule: "timeouts",
    mistake: "a hand is stopped before its batch can be done",
    make: (draft) => {
      draft.lambda("tool-runner/tool-worker").Properties["Timeout"] = 60;
    },
  },
  {
    rule: "timeouts",
    mistake: "the sandbox outlives the hand that waits for it",
    make: (draft) => {
      draft.lambda("tool-runner/sandbox").Properties["Timeout"] = 900;
    },
  },
  {
    rule: "timeouts",
    mistake: "API Gateway is asked to wait longer than it can",
    make: (draft) => {
      inside(draft.one("AWS::ApiGateway::RestApi"), "Body", "paths", "/v1/tasks", "post", "x-amazon-apigateway-integration")[
        "timeoutInMillis"
      ] = 60_000;
    },
  },
  {
    rule: "timeouts",
    mistake: "a phase is given up before the watchdog beats for it",
    make: (draft) => {
      const machine = draft.one("AWS::StepFunctions::StateMachine");
      machine.Properties["DefinitionString"] = String(machine.Properties["DefinitionString"]).replace(
        '"HeartbeatSeconds":3600',
        '"HeartbeatSeconds":600',
      );
    },
  },
  {
    rule: "connections",
    mistake: "a function keeps as many connections as it likes",
    make: (draft) => {
      delete draft.lambda("planner/http").Properties["ReservedConcurrentExecutions"];
    },
  },
  {
    rule: "connections",
    mistake: "functions keep more connections than the database gives",
    make: (draft) => {
      draft.lambda("planner/http").Properties["ReservedConcurrentExecutions"] = 2_000;
    },
  },
  {
    rule: "connections",
    mistake: "API Gateway lets in more than the database can serve",
    stage: "dev",
    make: (draft) => {
      inside(draft.one("AWS::ApiGateway::Stage"), "MethodSettings", "0")["ThrottlingRateLimit"] = 10_000;
    },
  },
  {
    rule: "connections",
    mistake: "API Gateway lets everything in",
    stage: "dev",
    make: (draft) => {
      delete inside(draft.one("AWS::ApiGateway::Stage"), "MethodSettings", "0")["ThrottlingBurstLimit"];
    },
  },
  ...(
    [
      ["a deployment does not bring its database up", (draft) => draft.remove("Custom::Trigger")],
      [
        "a deployment does not wait for its migrations",
        (draft) => {
          draft.one("Custom::Trigger").Properties["InvocationType"] = "Event";
        },
      ],
      [
        "migrations are carried out once and never again",
        (draft) => {
          draft.one("Custom::Trigger").Properties["ExecuteOnHandlerChange"] = false;
        },
      ],
      [
        "a function changes before the database does",
        (draft) => {
          draft.lambda("planner/http").DependsOn = [];
        },
      ],
      [
        "a function signs in as the owner",
        (draft) => {
          variablesOf(draft, "memory/http")["DATABASE_URL"] = variablesOf(draft, "orchestrator/migrate")["DATABASE_URL"];
        },
      ],
      [
        "migrations sign in as a function does",
        (draft) => {
          variablesOf(draft, "orchestrator/migrate")["DATABASE_URL"] = variablesOf(draft, "memory/http")["DATABASE_URL"];
        },
      ],
      [
        "a deployment gives long migrations up",
        (draft) => {
          draft.one("Custom::Trigger").Properties["Timeout"] = "120000";
        },
      ],
    ] satisfies readonly (readonly [string, Mutation["make"]])[]
  ).map(([mistake, make]): Mutation => ({ rule: "migrations", mistake, make })),
];
