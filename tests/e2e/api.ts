import type * as z from "zod";

export type Reply = {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined when the body is no JSON. */
  body: unknown;
};

export type Sent = {
  /** Objects are sent as JSON, texts and bytes as they are. */
  body?: object | string | Uint8Array<ArrayBuffer> | undefined;
  headers?: Record<string, string>;
};

export type Api = {
  call(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** A call that must succeed, its answer read by a schema. */
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  post<Schema extends z.ZodType>(path: string, body: object, schema: Schema): Promise<z.output<Schema>>;
};

/** The API over HTTP, with a credential or without one. */
export function openApi(url: string, credential?: string): Api {
  async function call(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Reply> {
    const isPlain = typeof body === "string" || body instanceof Uint8Array || body === undefined;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(credential === undefined ? {} : { authorization: `Bearer ${credential}` }),
        ...(isPlain ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isPlain ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parseJson(text) };
  }
  async function succeed<Schema extends z.ZodType>(reply: Promise<Reply>, schema: Schema): Promise<z.output<Schema>> {
    const { status, text, body } = await reply;
    if (status >= 300) throw new Error(`answered ${status}: ${text}`);
    return schema.parse(body);
  }
  return {
    call,
    get: (path, schema) => succeed(call("GET", path), schema),
    post: (path, body, schema) => succeed(call("POST", path, { body }), schema),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
