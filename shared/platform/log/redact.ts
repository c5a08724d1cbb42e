const SECRET = /^(?:.*[_-])?(?:authorization|cookie|password|password_?hash|secret|token|api_?key|key|private_?key|jwt)$/i;
const MAX_DEPTH = 8;

/**
 * A copy for the log: values under a secret's name become "[redacted]", bigints become text, and what cannot be written as JSON (cycles,
 * too deep) is cut.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return "[cut]";
  if (Array.isArray(value)) return value.map((item: unknown) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, isSecret(key) ? "[redacted]" : redact(item, depth + 1)]),
  );
}

/** `apiKey` and `api_key` are the same name. */
function isSecret(key: string): boolean {
  return SECRET.test(key.replaceAll(/([a-z])([A-Z])/g, "$1_$2"));
}
