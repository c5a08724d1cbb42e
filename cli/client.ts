import * as z from "zod";

/** What the API answered when it was not what we asked for. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const Problem = z.object({
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

export type Client = {
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  post<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.output<Schema>>;
  download(path: string): Promise<Uint8Array>;
};

/** The API over HTTP, with a key. @throws ApiProblem */
export function createClient(baseUrl: string, apiKey: string): Client {
  async function call(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${apiKey}`);
    const response = await fetch(`${baseUrl}${path}`, { ...init, headers });
    if (response.ok) return response;
    const problem = Problem.safeParse(await response.json().catch(() => undefined)).data;
    const errors = problem?.errors?.map((error) => `${error.pointer}: ${error.detail}`) ?? [];
    throw new ApiProblem(response.status, [problem?.detail ?? problem?.title ?? `HTTP ${response.status}`, ...errors].join("; "));
  }
  return {
    get: async (path, schema) => schema.parse(await (await call(path, {})).json()),
    post: async (path, body, schema) =>
      schema.parse(
        await (await call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })).json(),
      ),
    download: async (path) => new Uint8Array(await (await call(path, {})).arrayBuffer()),
  };
}
