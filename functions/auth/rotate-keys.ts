import type { SecretsManagerRotationEvent } from "aws-lambda";
import { isRotationOpen, rotationSteps } from "../../shared/auth/rotate-keys.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { log, withLogContext } from "../../shared/platform/log/logger.ts";

/** One step of a rotation of the keys that tokens are signed with. Invoked by Secrets Manager alone. */
export async function handler({ Step, SecretId, ClientRequestToken }: SecretsManagerRotationEvent): Promise<void> {
  const rotation = { secretId: SecretId, token: ClientRequestToken };
  await withLogContext({ service: "auth" }, async () => {
    if (!(await isRotationOpen(rotation))) return;
    await rotationSteps[Step](rotation, lookupTable);
    log.info("a step of the rotation of keys was taken", { step: Step });
  });
}
