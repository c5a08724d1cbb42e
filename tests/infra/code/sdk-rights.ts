/**
 * A right that a call needs: the action, and the variable of the environment whose value names the resource. `below` is what follows the
 * resource's own name.
 */
export type Right = { readonly action: string; readonly on: readonly string[]; readonly below?: string };

/** What stores ask of the key that they are encrypted with, in the name of whoever calls. */
export type KeyUse = { readonly store: "dynamodb" | "s3" | "secretsmanager"; readonly actions: readonly string[] };

const QUEUES = ["CONTROL_QUEUE_URL", "RESULTS_QUEUE_URL", "LLM_QUEUE_URL", "TOOL_QUEUE_URL"];
const MACHINE = ["STATE_MACHINE_ARN"];
const TABLE = ["LOOKUP_TABLE"];
const BUCKET = ["WORKSPACE_BUCKET"];
const FUNCTIONS = ["LEDGER_FUNCTION", "SANDBOX_FUNCTION"];
/** Of the rotation, the secret comes with the event: see `rotatedSecret`. */
export const ROTATED_SECRET = "the secret that it rotates";
const SECRETS = ["JWT_KEYS_SECRET", "OPENAI_KEY_SECRET", "DATABASE_URL", ROTATED_SECRET];

const right = (action: string, on: readonly string[], below?: string): Right => ({ action, on, ...(below === undefined ? {} : { below }) });

/** Each SDK command that our code sends, with the rights that it needs. One that is not here is a finding, not a guess. */
export const sdkRights: Readonly<Record<string, readonly Right[]>> = {
  GetItemCommand: [right("dynamodb:GetItem", TABLE)],
  PutItemCommand: [right("dynamodb:PutItem", TABLE)],
  UpdateItemCommand: [right("dynamodb:UpdateItem", TABLE)],
  DeleteItemCommand: [right("dynamodb:DeleteItem", TABLE)],
  // Whoever may not list is told 403 instead of 404 for an object that is not there.
  GetObjectCommand: [right("s3:GetObject", BUCKET, "/workspaces/*"), right("s3:ListBucket", BUCKET)],
  PutObjectCommand: [right("s3:PutObject", BUCKET, "/workspaces/*")],
  paginateListObjectsV2: [right("s3:ListBucket", BUCKET)],
  // There is no action of its own for a batch.
  SendMessageBatchCommand: [right("sqs:SendMessage", QUEUES)],
  StartExecutionCommand: [right("states:StartExecution", MACHINE)],
  DescribeExecutionCommand: [right("states:DescribeExecution", MACHINE, ":*")],
  StopExecutionCommand: [right("states:StopExecution", MACHINE, ":*")],
  SendTaskSuccessCommand: [right("states:SendTaskSuccess", MACHINE)],
  SendTaskFailureCommand: [right("states:SendTaskFailure", MACHINE)],
  SendTaskHeartbeatCommand: [right("states:SendTaskHeartbeat", MACHINE)],
  InvokeCommand: [right("lambda:InvokeFunction", FUNCTIONS)],
  GetSecretValueCommand: [right("secretsmanager:GetSecretValue", SECRETS)],
  PutSecretValueCommand: [right("secretsmanager:PutSecretValue", SECRETS)],
  DescribeSecretCommand: [right("secretsmanager:DescribeSecret", SECRETS)],
  UpdateSecretVersionStageCommand: [right("secretsmanager:UpdateSecretVersionStage", SECRETS)],
};

const READ_TABLE = ["kms:Decrypt", "kms:DescribeKey"];
/** DynamoDB asks for both halves of the key from whoever writes (developer guide, "Using a customer managed key"). */
const WRITE_TABLE = [...READ_TABLE, "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"];

/** What an action of a store asks of its key. */
export const keyUses: Readonly<Record<string, KeyUse>> = {
  "dynamodb:GetItem": { store: "dynamodb", actions: READ_TABLE },
  "dynamodb:PutItem": { store: "dynamodb", actions: WRITE_TABLE },
  "dynamodb:UpdateItem": { store: "dynamodb", actions: WRITE_TABLE },
  "dynamodb:DeleteItem": { store: "dynamodb", actions: WRITE_TABLE },
  "s3:GetObject": { store: "s3", actions: ["kms:Decrypt"] },
  "s3:PutObject": { store: "s3", actions: ["kms:GenerateDataKey"] },
  "secretsmanager:GetSecretValue": { store: "secretsmanager", actions: ["kms:Decrypt"] },
  "secretsmanager:PutSecretValue": { store: "secretsmanager", actions: ["kms:Decrypt", "kms:GenerateDataKey"] },
};

/** What Lambda does in a function's name. */
export const WRITE_LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"];
export const TRACE = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
export const CONSUME = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
/** EC2 knows no resource for these. */
export const ATTACH_INTERFACE = [
  "ec2:CreateNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:DeleteNetworkInterface",
  "ec2:AssignPrivateIpAddresses",
  "ec2:UnassignPrivateIpAddresses",
];
