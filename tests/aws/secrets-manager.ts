import { randomUUID } from "node:crypto";
import type { SecretsManagerRotationEvent, SecretsManagerRotationEventStep } from "aws-lambda";
import * as z from "zod";
import { AwsError } from "../../local/aws/aws-error.ts";
import { createJsonFront, jsonAction } from "../../local/aws/json-front.ts";
import type { SdkRequestHandler } from "../../shared/platform/aws/client-options.ts";

/** A version that a rotation has begun has a stage and no value yet. */
type Version = { value?: string; readonly stages: Set<string> };
type Secret = Map<string, Version>;

export type SecretsManager = {
  /** For `setRequestHandler`. */
  readonly handler: SdkRequestHandler;
  /** How often a value was read. */
  reads(): number;
  setValue(secretId: string, value: string): void;
  findValue(secretId: string, stage: string): string | undefined;
  /** Begins a rotation as the service does: a version without a value is pending. Answers its id. */
  beginRotation(secretId: string): string;
};

/** The part of Secrets Manager that functions use, with its refusals. A secret given as undefined is there and has no value. */
export function createSecretsManager(initial: Readonly<Record<string, string | undefined>>): SecretsManager {
  const secrets = new Map<string, Secret>();
  let reads = 0;

  function setValue(secretId: string, value: string): void {
    const secret = getSecret(secrets, secretId);
    moveStage(secret, "AWSPREVIOUS", findStaged(secret, "AWSCURRENT")?.[0]);
    const id = randomUUID();
    secret.set(id, { value, stages: new Set() });
    moveStage(secret, "AWSCURRENT", id);
  }
  for (const [id, value] of Object.entries(initial)) {
    secrets.set(id, new Map());
    if (value !== undefined) setValue(id, value);
  }
  const getValue = jsonAction(GetSecretValue, (input) => {
    reads += 1;
    return readValue(getSecret(secrets, input.SecretId), input);
  });
  return {
    handler: createJsonFront("Secrets Manager", {
      GetSecretValue: getValue,
      PutSecretValue: jsonAction(PutSecretValue, (input) => putValue(getSecret(secrets, input.SecretId), input)),
      DescribeSecret: jsonAction(z.strictObject({ SecretId: z.string() }), ({ SecretId }) => describe(getSecret(secrets, SecretId))),
      UpdateSecretVersionStage: jsonAction(UpdateStage, (input) => updateStage(getSecret(secrets, input.SecretId), input)),
    }),
    reads: () => reads,
    setValue,
    findValue: (secretId, stage) => findStaged(getSecret(secrets, secretId), stage)?.[1].value,
    beginRotation(secretId) {
      const secret = getSecret(secrets, secretId);
      const id = randomUUID();
      secret.set(id, { stages: new Set() });
      moveStage(secret, "AWSPENDING", id);
      return id;
    },
  };
}

/** The order in which Secrets Manager calls. */
export const rotationOrder: readonly SecretsManagerRotationEventStep[] = ["createSecret", "setSecret", "testSecret", "finishSecret"];

/** A whole rotation, as Secrets Manager carries it out. */
export async function rotate(
  manager: SecretsManager,
  secretId: string,
  call: (event: SecretsManagerRotationEvent) => Promise<void>,
): Promise<void> {
  const token = manager.beginRotation(secretId);
  for (const Step of rotationOrder) await call({ Step, SecretId: secretId, ClientRequestToken: token });
}

const GetSecretValue = z.strictObject({ SecretId: z.string(), VersionId: z.string().optional(), VersionStage: z.string().optional() });
const PutSecretValue = z.strictObject({
  SecretId: z.string(),
  ClientRequestToken: z.string().min(32),
  SecretString: z.string(),
  VersionStages: z.array(z.string()),
});
const UpdateStage = z.strictObject({
  SecretId: z.string(),
  VersionStage: z.string(),
  MoveToVersionId: z.string(),
  RemoveFromVersionId: z.string().optional(),
});

function getSecret(secrets: ReadonlyMap<string, Secret>, id: string): Secret {
  const secret = secrets.get(id);
  if (secret === undefined) throw new AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  return secret;
}

function findStaged(secret: Secret, stage: string): [string, Version] | undefined {
  return [...secret].find(([, { stages }]) => stages.has(stage));
}

/** A stage is at one version at a time. */
function moveStage(secret: Secret, stage: string, id: string | undefined): void {
  if (id === undefined) return;
  for (const { stages } of secret.values()) stages.delete(stage);
  secret.get(id)?.stages.add(stage);
}

function readValue(secret: Secret, { VersionId, VersionStage = "AWSCURRENT" }: z.infer<typeof GetSecretValue>) {
  const [id, version] = findStaged(secret, VersionStage) ?? [];
  if (version?.value === undefined || (VersionId !== undefined && VersionId !== id)) {
    throw new AwsError(
      "ResourceNotFoundException",
      `Secrets Manager can't find the specified secret value for staging label: ${VersionStage}`,
    );
  }
  return { VersionId: id, SecretString: version.value, VersionStages: [...version.stages] };
}

function putValue(secret: Secret, { ClientRequestToken: id, SecretString, VersionStages }: z.infer<typeof PutSecretValue>) {
  const version = secret.get(id) ?? { stages: new Set() };
  if (version.value !== undefined && version.value !== SecretString) {
    throw new AwsError("ResourceExistsException", "You can't change the value of a version");
  }
  secret.set(id, { ...version, value: SecretString });
  for (const stage of VersionStages) moveStage(secret, stage, id);
  return { VersionId: id };
}

function describe(secret: Secret) {
  return { RotationEnabled: true, VersionIdsToStages: Object.fromEntries([...secret].map(([id, { stages }]) => [id, [...stages]])) };
}

function updateStage(secret: Secret, { VersionStage, MoveToVersionId, RemoveFromVersionId }: z.infer<typeof UpdateStage>) {
  const holder = findStaged(secret, VersionStage)?.[0];
  if (holder !== RemoveFromVersionId || !secret.has(MoveToVersionId)) {
    throw new AwsError("InvalidParameterException", `${VersionStage} is attached to another version; name it in RemoveFromVersionId`);
  }
  if (VersionStage === "AWSCURRENT") moveStage(secret, "AWSPREVIOUS", holder);
  moveStage(secret, VersionStage, MoveToVersionId);
  return {};
}
