import type { QueueName } from "../../../functions/queue-table.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { listQueues, queuePath } from "../template/queues.ts";
import { findTarget } from "../template/resolve.ts";
import { listResources } from "../template/resources.ts";
import { listResourceStatements, listRoleStatements } from "../template/statements.ts";
import { compareLists, type Rule } from "./rule.ts";

const MACHINE = "the state machine";

/**
 * Who may send where. `control` is written by the mind and the state machine (and EventBridge, by the queue's policy),
 * `results` by hands alone, and effects by the mind, so that a hand that was turned can spoil only what it holds.
 */
const senders: Readonly<Record<QueueName, readonly string[]>> = {
  control: ["orchestrator/conductor", "orchestrator/http", "planner/http", "tool-runner/http", MACHINE],
  results: ["ai-runtime/llm-worker", "tool-runner/tool-worker"],
  "effects-llm": ["orchestrator/conductor", "orchestrator/http", "planner/http"],
  "effects-tool": ["orchestrator/conductor", "orchestrator/http", "planner/http"],
};

export const queueTrust: Rule = ({ assembly }) => {
  const roles = listResources(assembly, "AWS::IAM::Role").map(({ path }) => path);
  const names = new Map(roles.map((role) => [role, nameRole(role)]));
  function nameRole(role: string): string {
    const entry = listDeployed(assembly).find((deployed) => deployed.role === role)?.entry;
    const machines = listResources(assembly, "AWS::StepFunctions::StateMachine");
    const isMachine = machines.some(({ text, properties }) => findTarget(text(properties["RoleArn"])) === role);
    return entry ?? (isMachine ? MACHINE : role);
  }
  const queues: readonly QueueName[] = ["control", "results", "effects-llm", "effects-tool"];
  return [
    ...queues.flatMap((queue) => {
      const path = queuePath(assembly, queue);
      const given = roles.filter((role) =>
        listRoleStatements(assembly, role).some(
          ({ effect, actions, resources }) =>
            effect === "Allow" && actions.some(mayWrite) && resources.some((resource) => resource === "*" || findTarget(resource) === path),
        ),
      );
      return compareLists(
        given.map((role) => names.get(role) ?? role),
        senders[queue],
        {
          missing: (name) => `${name} may not send to the queue ${queue}.`,
          extra: (name) => `${name} may send to the queue ${queue}, which is not its to write.`,
        },
      );
    }),
    ...listQueues(assembly).flatMap(({ path, name }) => findStrangers(path, name)),
  ];

  /** A queue's own policy lets nobody in but EventBridge, into `control` and its dead letters, for one rule. */
  function findStrangers(path: string, name: QueueName | undefined): readonly string[] {
    const isOpen = listQueues(assembly).some((queue) => queue.name === "control" && (queue.path === path || queue.deadLetters === path));
    return listResourceStatements(assembly, "AWS::SQS::QueuePolicy", "Queues", path)
      .filter(({ effect }) => effect === "Allow")
      .filter(
        ({ principals, condition }) => !(isOpen && isEventBridge(principals) && JSON.stringify(condition ?? {}).includes("aws:SourceArn")),
      )
      .map(({ principals }) => `The policy of the queue ${name ?? path} lets ${principals.join(", ")} in.`);
  }
};

const mayWrite = (action: string) => action === "sqs:SendMessage" || action === "sqs:*" || action === "*";
const isEventBridge = (principals: readonly string[]) => principals.join() === "events.amazonaws.com";
