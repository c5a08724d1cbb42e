import { Agent, request } from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * What Lambda's runtime for Node.js does, with no more than that: it loads one bundle, asks the Runtime API for an invocation, runs the
 * handler, posts what it gave, and asks again. Whoever started this process stands for Lambda at AWS_LAMBDA_RUNTIME_API.
 */

/** @typedef {import("node:http").ClientRequest & { setContentType(type: string): void, _onBeforeFirstWrite?: (write: (chunk: string | Uint8Array) => void) => void }} ResponseStream */
/** @typedef {{ id: string, body: string, headers: import("node:http").IncomingHttpHeaders }} Invocation */

const api = process.env["AWS_LAMBDA_RUNTIME_API"] ?? "";
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const streaming = Symbol("streaming");

Object.assign(globalThis, {
  awslambda: {
    /** @param {Function} handler */
    streamifyResponse: (handler) => Object.assign(handler, { [streaming]: true }),
    HttpResponseStream: { from: withHead },
  },
});

/**
 * As in aws-lambda-nodejs-runtime-interface-client: the head travels before the first write. A stream that is ended without a write never
 * sends it.
 *
 * @param {ResponseStream} stream
 * @param {object} head
 */
function withHead(stream, head) {
  stream.setContentType("application/vnd.awslambda.http-integration-response");
  const text = JSON.stringify(head);
  stream._onBeforeFirstWrite = (write) => {
    write(text);
    write(new Uint8Array(8));
  };
  return stream;
}

/** @param {"GET" | "POST"} method @param {string} target @param {Record<string, string>} [headers] */
function call(method, target, headers = {}) {
  const [host, port] = api.split(":");
  const sent = request({ agent, host, port, method, path: `/2018-06-01/runtime/${target}`, headers });
  /** @type {Promise<{ text: string, headers: import("node:http").IncomingHttpHeaders }>} */
  const answered = new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      /** @type {Buffer[]} */
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ text: Buffer.concat(chunks).toString(), headers: response.headers }));
      response.on("error", reject);
    });
  });
  return { sent, answered };
}

/** @param {string} target @param {string} body @param {Record<string, string>} [headers] */
async function post(target, body, headers = {}) {
  const { sent, answered } = call("POST", target, { "content-type": "application/json", ...headers });
  sent.end(body);
  await answered;
}

/** @returns {Promise<Invocation>} */
async function next() {
  const { sent, answered } = call("GET", "invocation/next");
  sent.end();
  const { text, headers } = await answered;
  return { id: String(headers["lambda-runtime-aws-request-id"]), body: text, headers };
}

/** @param {Invocation} invocation */
function createContext({ id, headers }) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const tenantId = headers["lambda-runtime-aws-tenant-id"];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    functionVersion: process.env["AWS_LAMBDA_FUNCTION_VERSION"],
    memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: process.env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: process.env["AWS_LAMBDA_LOG_STREAM_NAME"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    awsRequestId: id,
    ...(tenantId === undefined ? {} : { tenantId }),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] };
}

/** @param {string} target @param {unknown} error */
async function postError(target, error) {
  const described = describe(error);
  await post(target, JSON.stringify(described), { "lambda-runtime-function-error-type": described.errorType });
}

/** @param {Function} handler @param {Invocation} invocation */
async function answer(handler, invocation) {
  const target = `invocation/${invocation.id}`;
  try {
    const result = await handler(JSON.parse(invocation.body), createContext(invocation));
    await post(`${target}/response`, JSON.stringify(result === undefined ? null : result));
  } catch (error) {
    await postError(`${target}/error`, error);
  }
}

/** @param {Function} handler @param {Invocation} invocation */
async function answerStreaming(handler, invocation) {
  const target = `invocation/${invocation.id}`;
  const { stream, answered } = openStream(`${target}/response`);
  try {
    await handler(JSON.parse(invocation.body), stream, createContext(invocation));
    if (!stream.writableEnded) throw new Error("The handler is done and has not ended its stream");
  } catch (error) {
    if (!stream.headersSent) {
      stream.destroy();
      await answered.catch(() => undefined);
      return postError(`${target}/error`, error);
    }
    const { errorType, ...details } = describe(error);
    const errorBody = Buffer.from(JSON.stringify(details)).toString("base64");
    stream.addTrailers({ "Lambda-Runtime-Function-Error-Type": errorType, "Lambda-Runtime-Function-Error-Body": errorBody });
    stream.end();
  }
  await answered;
}

/** @param {string} target */
function openStream(target) {
  const { sent, answered } = call("POST", target, {
    "lambda-runtime-function-response-mode": "streaming",
    "transfer-encoding": "chunked",
    trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
    "content-type": "application/octet-stream",
  });
  /** @type {ResponseStream} */
  const stream = Object.assign(sent, { setContentType: (/** @type {string} */ type) => void sent.setHeader("content-type", type) });
  const write = stream.write.bind(stream);
  let isFirst = true;
  // Only `write` is told of the head, as in the original: what `end` alone is given travels without one.
  stream.write = (/** @type {any} */ ...parameters) => {
    if (isFirst) stream._onBeforeFirstWrite?.((chunk) => write(chunk));
    isFirst = false;
    return write(.../** @type {[any]} */ (parameters));
  };
  return { stream, answered };
}

async function loadHandler() {
  const [file = "", name = ""] = (process.env["_HANDLER"] ?? "").split(".");
  const module = await import(pathToFileURL(path.join(process.env["LAMBDA_TASK_ROOT"] ?? "", `${file}.js`)).href);
  if (typeof module[name] !== "function") throw new Error(`${file}.js exports no function ${name}`);
  return module[name];
}

try {
  const handler = await loadHandler();
  for (;;) {
    const invocation = await next();
    if (handler[streaming] === true) await answerStreaming(handler, invocation);
    else await answer(handler, invocation);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  await postError("init/error", error).catch(() => undefined);
  process.exit(1);
}
