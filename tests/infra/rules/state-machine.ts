import { findFault } from "../../../infra/validation/state-machine-rules.ts";
import { listQueues } from "../template/queues.ts";
import { findTarget, isRecord } from "../template/resolve.ts";
import { type Located, listOf, property, recordsOf } from "../template/resources.ts";
import { listMachines, type Machine, type State } from "../template/state-machines.ts";
import { listRoleStatements } from "../template/statements.ts";
import { type Rule, saying } from "./rule.ts";

const CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";

/**
 * A valid definition of reachable states; each callback keeps what it was given, beats, has a limit, is driven again when its
 * time is up, and is caught. All that the machine may do is to send to `control`.
 */
export const stateMachine: Rule = ({ assembly }) => {
  const control = listQueues(assembly).find(({ name }) => name === "control")?.path;
  return listMachines(assembly).flatMap((machine) => {
    const fault = findFault(machine.properties["DefinitionString"]);
    const role = findTarget(machine.text(machine.properties["RoleArn"])) ?? "";
    const sends = listRoleStatements(assembly, role)
      .filter(({ effect, resources }) => effect === "Allow" && !resources.includes("*"))
      .flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => ({ action, target: findTarget(resource) }))),
      );
    return [
      ...saying(
        [fault !== undefined, `${machine.path} is no valid definition: ${fault ?? ""}`],
        [machine.properties["StateMachineType"] === "EXPRESS", `${machine.path} is an express machine, which forgets after five minutes.`],
        [findControlUrl(machine) !== control, `${machine.path} sends its phases elsewhere than to control.`],
        [property(machine, "LoggingConfiguration", "IncludeExecutionData") === true, `${machine.path} logs what executions carry.`],
        [property(machine, "TracingConfiguration", "Enabled") !== true, `${machine.path} is not traced.`],
        [
          !sends.some(({ action, target }) => action === "sqs:SendMessage" && target === control),
          `${machine.path} may not send to control.`,
        ],
      ),
      ...sends
        .filter(({ action, target }) => action !== "sqs:SendMessage" || target !== control)
        .map(({ action, target }) => `${machine.path} may do ${action} on ${target ?? "something"}: it needs control alone.`),
      ...judgeReach(machine),
      ...Object.entries(machine.definition.States).flatMap(([name, state]) => (state.Type === "Task" ? judgeTask(name, state) : [])),
    ];
  });
};

function findControlUrl(machine: Located): string | undefined {
  return findTarget(machine.text(property(machine, "DefinitionSubstitutions", "ControlQueueUrl")));
}

function judgeReach({ path, definition }: Machine): readonly string[] {
  const reached = new Set([definition.StartAt]);
  // A set visits what is added while it is walked.
  for (const name of reached) for (const next of listNext(definition.States[name])) reached.add(next);
  return Object.keys(definition.States)
    .filter((name) => !reached.has(name))
    .map((name) => `${path} never comes to its state ${name}.`);
}

function listNext(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(listNext);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    (key === "Next" || key === "Default") && typeof inner === "string" ? [inner] : listNext(inner),
  );
}

function judgeTask(name: string, state: State): readonly string[] {
  const retried = recordsOf(state["Retry"]).flatMap(({ ErrorEquals }) => listOf(ErrorEquals));
  const caught = recordsOf(state["Catch"]).flatMap(({ ErrorEquals }) => listOf(ErrorEquals));
  return saying(
    [state["Resource"] !== CALLBACK, `The state ${name} does something else than to ask the conductor.`],
    [state["ResultPath"] !== "$.last", `The state ${name} loses what the machine was started with.`],
    [state["HeartbeatSeconds"] === undefined, `The state ${name} waits without a beat: a lost message would hold a run to its deadline.`],
    [
      state["TimeoutSeconds"] === undefined && state["TimeoutSecondsPath"] === undefined,
      `The state ${name} has no limit: it would wait for a year.`,
    ],
    [
      !retried.includes("States.HeartbeatTimeout") || !retried.includes("States.Timeout"),
      `The state ${name} is not driven again when its time is up.`,
    ],
    [!caught.includes("States.ALL"), `The state ${name} is not caught when it fails.`],
  );
}
