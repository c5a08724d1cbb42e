import type { FunctionEntry } from "../../../functions/function-table.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { findTarget } from "../template/resolve.ts";
import { findResource, listResources } from "../template/resources.ts";
import { listRoleStatements } from "../template/statements.ts";
import { compareLists, type Rule } from "./rule.ts";

/** By whom a secret may be read, by the variable that names it. */
const readers: Readonly<Record<string, readonly FunctionEntry[]>> = {
  JWT_KEYS_SECRET: ["auth/http", "auth/rotate-keys"],
  OPENAI_KEY_SECRET: ["ai-runtime/llm-worker"],
};

/** What looks like a secret itself: a password in an address, a key of a vendor or of AWS, a private key. */
const secretShapes: readonly RegExp[] = [
  /:\/\/[^:/@\s]+:[^@/\s]+@/,
  /\bsk-[A-Za-z0-9_-]{16,}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /"d"\s*:\s*"[\w-]{20,}"/,
];

/** Secrets stand in Secrets Manager alone, and each is read by whom it is for: keys of models by the hand that asks models. */
export const secrets: Rule = ({ assembly }) => {
  const deployed = listDeployed(assembly);
  const shown = listResources(assembly).flatMap(({ path, properties, text }) => {
    const whole = JSON.stringify(properties);
    const isShown = secretShapes.some((shape) => shape.test(whole) || shape.test(text(properties)));
    return isShown ? [`${path} shows a secret in its template.`] : [];
  });
  const variables = deployed.flatMap(({ entry, environment }) =>
    Object.entries(environment)
      .filter(([name, value]) => /KEY|TOKEN|PASSWORD|PRIVATE/.test(name) && !name.endsWith("_SECRET") && value !== "")
      .map(([name]) => `${entry} is told ${name} itself: give it the name of a secret.`),
  );
  const read = Object.entries(readers).flatMap(([variable, wanted]) => {
    const secret = deployed.map(({ environment }) => findTarget(environment[variable] ?? "")).find((path) => path !== undefined);
    if (secret === undefined || findResource(assembly, `{${secret}}`) === undefined) return [`No function is told ${variable}.`];
    const given = deployed.filter(({ role }) =>
      listRoleStatements(assembly, role ?? "").some(
        ({ effect, actions, resources }) =>
          effect === "Allow" &&
          actions.includes("secretsmanager:GetSecretValue") &&
          resources.some((resource) => findTarget(resource) === secret),
      ),
    );
    return compareLists(
      given.map(({ entry }) => entry),
      wanted,
      {
        missing: (entry) => `${entry} may not read the secret of ${variable}.`,
        extra: (entry) => `${entry} may read the secret of ${variable}, which is not for it.`,
      },
    );
  });
  return [...shown, ...variables, ...read];
};
