import { findDeployed } from "../template/deployed-functions.ts";
import { findTarget } from "../template/resolve.ts";
import { listResources, property } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** Keys that sign tokens are made and changed by a function, once a month, which nobody but Secrets Manager may invoke, for this secret. */
export const keyRotation: Rule = ({ assembly }) => {
  const rotate = findDeployed(assembly, "auth/rotate-keys");
  const secret = findTarget(findDeployed(assembly, "auth/http")?.environment["JWT_KEYS_SECRET"] ?? "");
  const schedules = listResources(assembly, "AWS::SecretsManager::RotationSchedule").filter(
    ({ text, properties }) => findTarget(text(properties["RotationLambdaARN"])) === rotate?.path,
  );
  const [schedule] = schedules;
  const days = schedule === undefined ? 0 : Number(property(schedule, "RotationRules", "AutomaticallyAfterDays") ?? 0);
  const invokers = listResources(assembly, "AWS::Lambda::Permission").filter(
    ({ text, properties }) => findTarget(text(properties["FunctionName"])) === rotate?.path,
  );
  return [
    ...saying(
      [schedules.length !== 1, `${schedules.length} schedules rotate the keys of tokens, not one.`],
      [
        schedule !== undefined && findTarget(schedule.text(schedule.properties["SecretId"])) !== secret,
        "Another secret is rotated than the one that auth signs with.",
      ],
      [schedule !== undefined && (days < 1 || days > 31), `The keys of tokens are changed every ${days} days.`],
      [
        schedule !== undefined && schedule.properties["RotateImmediatelyOnUpdate"] === false,
        "A new stage has no key to sign with for a month.",
      ],
      [invokers.length !== 1, `The rotation can be invoked by ${invokers.length} others, not by Secrets Manager alone.`],
    ),
    ...invokers.flatMap(({ path, text, properties }) =>
      saying(
        [properties["Principal"] !== "secretsmanager.amazonaws.com", `${path} lets ${text(properties["Principal"])} rotate keys.`],
        [findTarget(text(properties["SourceArn"])) !== secret, `${path} lets any secret be rotated as if it held keys.`],
      ),
    ),
  ];
};
