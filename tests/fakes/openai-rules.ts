import * as z from "zod";
import { ChatRequest, type Message } from "./openai-request.ts";

/** A request that the vendor would refuse: the body of its 400. */
export type Refusal = { message: string; param: string | null; code: string | null };

/** Checks a body as the vendor does: its fields, then the order of its messages, its schemas and what its model takes. */
export function checkRequest(body: unknown): { request: ChatRequest } | { refusal: Refusal } {
  const parsed = ChatRequest.safeParse(body);
  if (!parsed.success) return { refusal: describeFault(parsed.error) };
  const request = parsed.data;
  const refusal = findOrderFault(request.messages) ?? findSchemaFault(request) ?? findModelFault(request);
  return refusal === undefined ? { request } : { refusal };
}

function describeFault(error: z.ZodError): Refusal {
  const [issue] = error.issues;
  if (issue?.code === "unrecognized_keys" && issue.path.length === 0) {
    return { message: `Unrecognized request argument supplied: ${issue.keys.join(", ")}`, param: null, code: null };
  }
  return { message: `Invalid value: ${z.prettifyError(error)}`, param: issue?.path.join(".") ?? null, code: "invalid_value" };
}

/** Each tool message answers a call of the assistant message before it, and each call is answered before anybody else speaks. */
function findOrderFault(messages: readonly Message[]): Refusal | undefined {
  const open = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      if (open.delete(message.tool_call_id)) continue;
      return refuse("messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.", `messages.[${index}].role`);
    }
    if (open.size > 0) return unanswered(open);
    if (message.role !== "assistant") continue;
    if ((message.content ?? null) === null && message.tool_calls === undefined)
      return refuse("an assistant message must have content or tool_calls", `messages.[${index}]`);
    for (const call of message.tool_calls ?? []) open.add(call.id);
  }
  return open.size > 0 ? unanswered(open) : undefined;
}

function unanswered(open: ReadonlySet<string>): Refusal {
  return refuse(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(", ")}`,
    "messages",
  );
}

function findSchemaFault({ response_format: format, tools = [] }: ChatRequest): Refusal | undefined {
  for (const { function: tool } of tools) {
    const fault = tool.strict ? findStrictFault(tool.parameters) : undefined;
    if (fault !== undefined)
      return { message: `Invalid schema for function '${tool.name}': ${fault}`, param: "tools", code: "invalid_function_parameters" };
  }
  if (format?.type !== "json_schema" || !format.json_schema.strict) return undefined;
  const fault = findStrictFault(format.json_schema.schema);
  if (fault === undefined) return undefined;
  return { message: `Invalid schema for response_format '${format.json_schema.name}': ${fault}`, param: "response_format", code: null };
}

const KEYWORDS = new Set(
  "type properties required additionalProperties items enum const anyOf $ref $defs description title pattern format multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems".split(
    " ",
  ),
);
const Node = z.record(z.string(), z.json());
type Node = z.infer<typeof Node>;

function findStrictFault(schema: Node | undefined): string | undefined {
  if (schema === undefined || schema["type"] !== "object") return "schema must be a JSON Schema of 'type: \"object\"'";
  return findNodeFault(schema, schema, []);
}

function findNodeFault(node: Node, root: Node, path: readonly string[]): string | undefined {
  const where = `In context=(${path.join(", ")})`;
  const unknown = Object.keys(node).find((key) => !KEYWORDS.has(key));
  if (unknown !== undefined) return `${where}, '${unknown}' is not permitted.`;
  if (path.length > 30) return `${where}, the schema is nested too deeply.`;
  const reference = node["$ref"];
  if (typeof reference === "string")
    return isResolvable(reference, root) ? undefined : `${where}, reference to component '${reference}' which was not found in the schema.`;
  if (node["type"] === undefined && node["anyOf"] === undefined && node["enum"] === undefined)
    return `${where}, schema must have a 'type' key.`;
  return findObjectFault(node, where) ?? findChildFault(node, root, path);
}

function findObjectFault(node: Node, where: string): string | undefined {
  if (node["type"] === "array" && node["items"] === undefined) return `${where}, array schema missing items.`;
  if (node["type"] !== "object") return undefined;
  if (node["additionalProperties"] !== false) return `${where}, 'additionalProperties' is required to be supplied and to be false.`;
  const required = z.array(z.string()).catch([]).parse(node["required"]);
  const missing = Object.keys(Node.parse(node["properties"] ?? {})).find((name) => !required.includes(name));
  if (missing === undefined) return undefined;
  return `${where}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
}

function findChildFault(node: Node, root: Node, path: readonly string[]): string | undefined {
  const children: [string, unknown][] = [
    ...Object.entries(Node.parse(node["properties"] ?? {})),
    ...Object.entries(Node.parse(node["$defs"] ?? {})),
    ...(node["items"] === undefined ? [] : [["items", node["items"]] satisfies [string, unknown]]),
    ...z
      .array(Node)
      .parse(node["anyOf"] ?? [])
      .map((form, index): [string, unknown] => [String(index), form]),
  ];
  for (const [name, child] of children) {
    const fault = findNodeFault(Node.parse(child), root, [...path, name]);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isResolvable(reference: string, root: Node): boolean {
  if (reference === "#") return true;
  const name = /^#\/\$defs\/(.+)$/.exec(reference)?.[1];
  return name !== undefined && Object.hasOwn(Node.parse(root["$defs"] ?? {}), name);
}

function findModelFault(request: ChatRequest): Refusal | undefined {
  if (!/^(?:o\d|gpt-[5-9])/.test(request.model)) return undefined;
  if (typeof request.max_tokens === "number") {
    return {
      message: "Unsupported parameter: 'max_tokens' is not supported with this model.",
      param: "max_tokens",
      code: "unsupported_parameter",
    };
  }
  if (typeof request.temperature !== "number" || request.temperature === 1) return undefined;
  const message = `Unsupported value: 'temperature' does not support ${request.temperature} with this model. Only the default (1) value is supported.`;
  return { message, param: "temperature", code: "unsupported_value" };
}

const refuse = (message: string, param: string): Refusal => ({ message, param, code: null });
