import type { Readable } from "node:stream";

export type AwsService = "sqs" | "sfn" | "lambda" | "dynamodb" | "s3" | "secretsmanager";

/** What the SDK hands to a request handler: the finished HTTP request, as far as an in-process handler reads it. */
export type SdkRequest = {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** `body` is bytes where the answer is parsed, a Readable where the caller reads a stream (S3 GetObject). */
export type SdkResponse = { statusCode: number; headers: Record<string, string>; body?: Uint8Array | Readable };

export type SdkRequestHandler = { handle(request: SdkRequest): Promise<{ response: SdkResponse }> };

export type ServiceEndpoint = { readonly protocol: string; readonly hostname: string; readonly port: number; readonly path: string };

type Transport = {
  readonly handler: SdkRequestHandler;
  readonly endpoints: Partial<Record<AwsService, () => Promise<ServiceEndpoint>>>;
};

let transport: Transport | undefined;

/**
 * Answers the SDK inside this process instead of at AWS (the embedded run and tests), or undoes that. A service named in `endpoints`
 * is reached over HTTP there; every other one is answered by `handler`, which sees the host name `<service>.invalid`.
 */
export function setRequestHandler(handler: SdkRequestHandler | undefined, endpoints: Transport["endpoints"] = {}): void {
  transport = handler === undefined ? undefined : { handler, endpoints };
}

/** Changes whenever the clients made so far must be made again. */
export function currentTransport(): object | undefined {
  return transport;
}

const COMMON = { maxAttempts: 3, retryMode: "standard" } as const;

const PER_SERVICE = {
  // The SDK would otherwise send to the host inside the queue's URL, past the dual-stack or embedded endpoint.
  sqs: { useQueueUrlAsEndpoint: false },
  sfn: {},
  lambda: {},
  secretsmanager: {},
  // These two are reached through free gateway endpoints, which have no dual-stack name.
  dynamodb: { useDualstackEndpoint: false },
  s3: { useDualstackEndpoint: false, forcePathStyle: true },
} as const satisfies Record<AwsService, object>;

/**
 * The settings of every SDK client. On AWS the region and the credentials come from the Lambda environment, as the SDK reads them
 * itself, and a connection that does not open within 2 s is given up.
 */
export function clientOptions<Service extends AwsService>(service: Service) {
  return { ...COMMON, ...PER_SERVICE[service], ...transportOptions(service) };
}

function transportOptions(service: AwsService) {
  if (transport === undefined) return { requestHandler: { connectionTimeout: 2_000 } };
  const local = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
  const endpoint = transport.endpoints[service];
  if (endpoint !== undefined) return { ...local, endpoint };
  return {
    ...local,
    endpoint: `http://${service}.invalid`,
    requestHandler: transport.handler,
    // Nobody checks the signature in here, and making it is half of the CPU time of a call.
    signer: { sign: async <Request>(request: Request) => request },
    // S3 would otherwise frame streamed bodies with a trailing checksum.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  } as const;
}
