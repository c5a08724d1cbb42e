/** A JSON pointer as a URI fragment (RFC 6901 §6): `#/tasks/0/name`. */
export function joinPointer(path: readonly PropertyKey[]): string {
  return `#${path.map((part) => `/${encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("")}`;
}
