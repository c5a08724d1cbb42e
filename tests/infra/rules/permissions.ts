import { adapters } from "../code/adapters.ts";
import type { OwnCode } from "../code/read-own-code.ts";
import { ATTACH_INTERFACE, CONSUME, keyUses, type Right, ROTATED_SECRET, sdkRights, TRACE, WRITE_LOGS } from "../code/sdk-rights.ts";
import type { Assembly } from "../template/assembly.ts";
import { type Deployed, listDeployed } from "../template/deployed-functions.ts";
import { cacheLogin, databaseLogin, namedBy } from "../template/named-resources.ts";
import { findTarget } from "../template/resolve.ts";
import { findResource, listResources, property, recordsOf } from "../template/resources.ts";
import { listRights, sayRight } from "../template/rights.ts";
import { listRoleStatements } from "../template/statements.ts";
import { compareLists, type Rule } from "./rule.ts";

/** Every call that a function's code can make is allowed by its role, and its role allows nothing that no code calls. */
export const permissions: Rule = ({ assembly, code }) =>
  listDeployed(assembly).flatMap((deployed) => {
    const { entry, role } = deployed;
    const unknown = listCommands(code[entry]).filter((command) => sdkRights[command] === undefined);
    return [
      ...findBlindReads(assembly, deployed),
      ...unknown.map((command) => `${entry} sends ${command}: say in tests/infra/code/sdk-rights.ts what that needs.`),
      ...compareLists(listRights(assembly, role ?? ""), listNeeds(assembly, deployed, code[entry]), {
        missing: (right) => `${entry} needs ${right}, which its role does not allow.`,
        extra: (right) => `${entry} may do ${right}, which nothing in its code asks for.`,
      }),
    ];
  });

/** S3 looks for the right to list when a file is read that is not there, with no prefix to judge by: without it the file is forbidden. */
function findBlindReads(assembly: Assembly, { entry, role }: Deployed): readonly string[] {
  return listRoleStatements(assembly, role ?? "")
    .filter(
      ({ actions, condition }) =>
        actions.includes("s3:ListBucket") && /"(?!\w+IfExists")\w+":\{"s3:prefix"/.test(JSON.stringify(condition ?? {})),
    )
    .map(() => `${entry} would be told 403 of a file that is not there: its right to list asks for a prefix.`);
}

/** Everything that a function needs, as texts of `sayRight`. */
export function listNeeds(assembly: Assembly, deployed: Deployed, code: OwnCode): readonly string[] {
  const called = [...listCalls(assembly, deployed, code), ...listAdapterCalls(deployed, code)];
  const keys = called.flatMap(({ action, target }) => listKeyNeeds(assembly, action, target));
  return [
    ...called.map(({ action, target, below }) => sayRight(action, `${target}${below}`)),
    ...keys,
    ...listLogins(deployed),
    ...listHosting(assembly, deployed),
  ];
}

type Call = { readonly action: string; readonly target: string; readonly below: string };

/** What the function itself calls, on whatever the variables name that it uses. */
function listCalls(assembly: Assembly, deployed: Deployed, code: OwnCode): readonly Call[] {
  const rotated = findRotatedSecret(assembly, deployed);
  const named = new Map(code.used.flatMap((variable) => [[variable, namedBy(variable, deployed.environment[variable] ?? "")] as const]));
  if (rotated !== undefined) named.set(ROTATED_SECRET, rotated);
  return code.commands.flatMap((command) => sdkRights[command] ?? []).flatMap((right) => toCalls(right, named));
}

function toCalls({ action, on, below = "" }: Right, named: ReadonlyMap<string, string | undefined>): readonly Call[] {
  return on.flatMap((variable) => {
    const target = named.get(variable);
    return target === undefined ? [] : [{ action, target, below }];
  });
}

/** What the adapters call that the function's variables ask for. */
function listAdapterCalls({ environment }: Deployed, code: OwnCode): readonly Call[] {
  return adapters.flatMap(({ file, variable, isAskedFor }) => {
    const value = environment[variable];
    const target = value === undefined || !isAskedFor(value) ? undefined : namedBy(variable, value);
    if (target === undefined) return [];
    const rights = (code.adapters[file]?.commands ?? []).flatMap((command) => sdkRights[command] ?? []);
    return rights.map(({ action, below = "" }) => ({ action, target, below }));
  });
}

function listCommands(code: OwnCode): readonly string[] {
  return [...code.commands, ...Object.values(code.adapters).flatMap(({ commands }) => commands)];
}

/** Of the key that a store is encrypted with, its caller needs this much. */
function listKeyNeeds(assembly: Assembly, action: string, target: string): readonly string[] {
  const use = keyUses[action];
  const key = use === undefined ? undefined : findKey(assembly, target);
  return use === undefined || key === undefined ? [] : use.actions.map((needed) => sayRight(needed, key, use.store));
}

/** The key of a table, a bucket, a secret or the password that a cluster keeps. */
export function findKey(assembly: Assembly, target: string): string | undefined {
  const store = findResource(assembly, `{${target}}`);
  if (store === undefined) return undefined;
  const [encryption] = recordsOf(property(store, "BucketEncryption", "ServerSideEncryptionConfiguration"));
  const given =
    property(store, "SSESpecification", "KMSMasterKeyId") ??
    property({ properties: encryption ?? {} }, "ServerSideEncryptionByDefault", "KMSMasterKeyID") ??
    property(store, "MasterUserSecret", "KmsKeyId") ??
    store.properties["KmsKeyId"];
  return given === undefined ? undefined : findTarget(store.text(given));
}

/** Tokens are signed without a call; IAM asks when they are shown. */
function listLogins(deployed: Deployed): readonly string[] {
  const [database, cache] = [databaseLogin(deployed), cacheLogin(deployed)];
  return [
    ...(database === undefined ? [] : [sayRight("rds-db:connect", `${database.cluster}/${database.login}`)]),
    ...(cache === undefined
      ? []
      : [sayRight("elasticache:Connect", `serverlesscache:${cache.cache}`), sayRight("elasticache:Connect", `user:${cache.user}`)]),
  ];
}

/** What Lambda does in the function's name: its log, its traces, its network, its queues. */
function listHosting(assembly: Assembly, deployed: Deployed): readonly string[] {
  const logGroup = findTarget(deployed.text(property(deployed, "LoggingConfig", "LogGroup")));
  const queues = listResources(assembly, "AWS::Lambda::EventSourceMapping")
    .filter(({ text, properties }) => findTarget(text(properties["FunctionName"])) === deployed.path)
    .map(({ text, properties }) => findTarget(text(properties["EventSourceArn"])) ?? "");
  return [
    ...(logGroup === undefined ? [] : WRITE_LOGS.map((action) => sayRight(action, logGroup))),
    ...(property(deployed, "TracingConfig", "Mode") === "Active" ? TRACE.map((action) => sayRight(action, "*")) : []),
    ...(deployed.properties["VpcConfig"] === undefined ? [] : ATTACH_INTERFACE.map((action) => sayRight(action, "*"))),
    ...queues.flatMap((queue) => CONSUME.map((action) => sayRight(action, queue))),
  ];
}

function findRotatedSecret(assembly: Assembly, { path }: Deployed): string | undefined {
  const schedule = listResources(assembly, "AWS::SecretsManager::RotationSchedule").find(
    ({ text, properties }) => findTarget(text(properties["RotationLambdaARN"])) === path,
  );
  return schedule === undefined ? undefined : findTarget(schedule.text(schedule.properties["SecretId"]));
}
