import { listQueues } from "../template/queues.ts";
import { findTarget } from "../template/resolve.ts";
import { listOf, listResources, property, recordsOf } from "../template/resources.ts";
import { listMachines } from "../template/state-machines.ts";
import { compareLists, type Rule, saying } from "./rule.ts";

/** A timeout of a whole execution, and a stop, run no Catch. What has ended so is told to `control` by EventBridge. */
const statuses = ["TIMED_OUT", "FAILED", "ABORTED"];

export const executionEnds: Rule = ({ assembly }) => {
  const control = listQueues(assembly).find(({ name }) => name === "control");
  const machines = listMachines(assembly).map(({ path }) => path);
  const rules = listResources(assembly, "AWS::Events::Rule");
  const isEnd = (rule: (typeof rules)[number]) => listOf(property(rule, "EventPattern", "source")).includes("aws.states");
  return [
    ...saying([rules.filter(isEnd).length !== 1, `There are ${rules.filter(isEnd).length} rules for ended executions, not one.`]),
    ...rules.filter((rule) => !isEnd(rule)).map(({ path }) => `${path} is one more rule: nothing here runs by the clock.`),
    ...rules.filter(isEnd).flatMap((rule) => {
      const targets = recordsOf(rule.properties["Targets"]);
      const say = {
        missing: (name: string) => `Nobody is told that a run's execution is ${name}.`,
        extra: (name: string) => `Every ${name} of an execution is told, which means nothing.`,
      };
      const watched = listOf(property(rule, "EventPattern", "detail", "stateMachineArn")).map((arn) => findTarget(rule.text(arn)));
      return [
        ...compareLists(listOf(property(rule, "EventPattern", "detail", "status")).map(String), statuses, say),
        ...saying(
          [rule.properties["State"] === "DISABLED", `${rule.path} is switched off.`],
          [
            watched.some((path) => path === undefined || !machines.includes(path)) || watched.length === 0,
            `${rule.path} listens to machines that are not ours.`,
          ],
          [
            targets.length !== 1 || findTarget(rule.text(targets[0]?.["Arn"])) !== control?.path,
            `${rule.path} does not tell the queue control.`,
          ],
          [targets.some((target) => target["DeadLetterConfig"] === undefined), `${rule.path} loses an event that it cannot deliver.`],
        ),
      ];
    }),
  ];
};
