import fc from "fast-check";
import * as z from "zod";

const Node = z.looseObject({
  $ref: z.string().optional(),
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
  required: z.array(z.string()).default([]),
  items: z.unknown().optional(),
  minItems: z.int().default(0),
  minimum: z.number().default(0),
  minLength: z.int().default(1),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  anyOf: z.array(z.unknown()).optional(),
});
type Node = z.infer<typeof Node>;

const FORMATS: Readonly<Record<string, string>> = {
  uuid: "0198c0de-0000-7000-8000-00000000ffff",
  "date-time": "2026-01-01T00:00:00Z",
  email: "somebody@example.org",
  uri: "https://example.org/",
};

/** The least that a schema accepts, so that a request is refused for what a test is about and not for its body. */
export function sampleValue(schema: z.ZodType): unknown {
  const root = z.toJSONSchema(schema, { io: "input" });
  const value = sampleNode(root, z.record(z.string(), z.unknown()).parse(root.$defs ?? {}));
  schema.parse(value);
  return value;
}

function sampleNode(given: unknown, definitions: Readonly<Record<string, unknown>>): unknown {
  const node = Node.parse(given);
  if (node.$ref !== undefined) return sampleNode(definitions[node.$ref.replace("#/$defs/", "")], definitions);
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return node.enum[0];
  if (node.anyOf !== undefined) return sampleNode(node.anyOf[0], definitions);
  switch (node.type) {
    case "object":
      return Object.fromEntries(node.required.map((name) => [name, sampleNode(node.properties[name], definitions)]));
    case "array":
      return Array.from({ length: node.minItems }, () => sampleNode(node.items, definitions));
    case "string":
      return sampleText(node);
    case "integer":
    case "number":
      return node.minimum;
    case "boolean":
      return false;
    default:
      return null;
  }
}

function sampleText({ format, pattern, minLength }: Node): unknown {
  const known = format === undefined ? undefined : FORMATS[format];
  if (known !== undefined) return known;
  if (pattern !== undefined) return fc.sample(fc.stringMatching(new RegExp(pattern)), { numRuns: 1, seed: 1 })[0];
  return "x".repeat(minLength);
}
