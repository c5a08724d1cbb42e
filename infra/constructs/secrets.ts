import { RemovalPolicy, SecretValue } from "aws-cdk-lib";
import type * as kms from "aws-cdk-lib/aws-kms";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { interfaceOf } from "./interface-of.ts";

type SecretProps = { readonly key: kms.IKey; readonly retain: boolean };

/** The keys that sign tokens. There is none in it before its first rotation, which makes one. */
export function createJwtKeys(scope: Construct, id: string, { key, retain }: SecretProps): secretsmanager.ISecret {
  const secret = new secretsmanager.Secret(scope, id, {
    description: "Keys that sign access tokens; made and changed by rotation",
    encryptionKey: key,
    // No secret: a rotation needs a value that it can put another in the place of.
    secretStringValue: SecretValue.unsafePlainText(JSON.stringify({ keys: [] })),
    removalPolicy: chooseRemoval(retain),
  });
  return interfaceOf<secretsmanager.ISecret>(secret);
}

/** A secret that the operator sets; until then it has no value, which means no key. */
export function createOperatorSecret(
  scope: Construct,
  id: string,
  { key, retain, description }: SecretProps & { readonly description: string },
): secretsmanager.ISecret {
  const secret = new secretsmanager.Secret(scope, id, { description, encryptionKey: key, removalPolicy: chooseRemoval(retain) });
  const resource = secret.node.defaultChild;
  // The construct would otherwise have a random text made, which would be sent to the vendor as a key.
  if (resource instanceof secretsmanager.CfnSecret) resource.generateSecretString = undefined;
  return interfaceOf<secretsmanager.ISecret>(secret);
}

function chooseRemoval(retain: boolean): RemovalPolicy {
  return retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
}
