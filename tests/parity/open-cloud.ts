import path from "node:path";
import { createDynamoDb } from "../../local/aws/dynamodb.ts";
import { createLambdaRequestHandler } from "../../local/aws/lambda-front.ts";
import type { LambdaFunctions } from "../../local/aws/lambda-functions.ts";
import { createS3RequestHandler } from "../../local/aws/s3-front.ts";
import { createStepFunctionsRequestHandler } from "../../local/aws/state-machine/request-handler.ts";
import type { SdkRequestHandler, ServiceEndpoint } from "../../shared/platform/aws/client-options.ts";
import { createSecretsManager, type SecretsManager } from "../aws/secrets-manager.ts";
import { authorizeCall, readRight } from "./aws/authorize-call.ts";
import { forwardTo, openAwsFront } from "./aws/aws-front.ts";
import { type CloudQueues, openQueues } from "./aws/queues.ts";
import { openStateMachine } from "./aws/state-machine.ts";
import { BUCKET, JWT_KEYS, LOOKUP_TABLE, OPENAI_KEY, type Statement } from "./wiring.ts";

export type HttpCloudSettings = {
  /** Where objects and items are kept. */
  readonly folder: string;
  readonly functions: LambdaFunctions;
  readonly openAiKey: string | undefined;
  /** What the role behind an access key allows. */
  readonly statementsOf: (accessKey: string) => readonly Statement[];
  readonly onFailure: (message: string, error: unknown) => void;
};

export type HttpCloud = {
  /** For AWS_ENDPOINT_URL. */
  readonly url: string;
  readonly queues: CloudQueues;
  readonly secrets: SecretsManager;
  readonly stateMachineArn: string;
  readonly dynamoDb: ServiceEndpoint;
  close(): Promise<void>;
};

/** What functions reach of AWS, over HTTP on loopback, each call within the rights of the role that signed it. */
export async function openHttpCloud(settings: HttpCloudSettings): Promise<HttpCloud> {
  const { folder, functions, openAiKey, statementsOf, onFailure } = settings;
  const queues = await openQueues();
  const dynamo = createDynamoDb(path.join(folder, "dynamodb"), [{ name: LOOKUP_TABLE, partitionKey: "pk" }]);
  const dynamoDb = await dynamo.endpoint();
  const machine = openStateMachine(queues, (error) => onFailure("the state machine could not send", error));
  const secrets = createSecretsManager({ [JWT_KEYS]: undefined, [OPENAI_KEY]: openAiKey });
  const front = await openAwsFront({
    services: {
      sqs: forwardTo(queues),
      dynamodb: forwardTo(dynamoDb),
      states: createStepFunctionsRequestHandler(machine.engine),
      lambda: createLambdaRequestHandler(functions),
      secretsmanager: secrets.handler,
      s3: withoutChecksums(await createS3RequestHandler(path.join(folder, "s3"), [BUCKET])),
    },
    authorize: (accessKey, service, request) => authorizeCall(statementsOf(accessKey), readRight(service, request, machine.arn)),
    onFailure: (error) => onFailure("AWS refused a call", error),
  });
  return {
    url: front.url,
    queues,
    secrets,
    stateMachineArn: machine.arn,
    dynamoDb,
    async close() {
      machine.close();
      await front.close();
      await Promise.all([queues.close(), dynamo.close()]);
    },
  };
}

/** Objects here are kept without the checksum that the SDK asks for with each, as S3 itself kept older ones. */
function withoutChecksums(s3: SdkRequestHandler): SdkRequestHandler {
  return {
    handle({ headers: { "x-amz-checksum-mode": _mode, ...headers }, ...request }) {
      return s3.handle({ ...request, headers });
    },
  };
}
