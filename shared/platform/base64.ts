/**
 * The bytes of a base64 text (RFC 4648 §4, padded or not, white space between its characters allowed); undefined when it is none. Node's
 * own decoder leaves out whatever it does not know, so a spoilt file would arrive as another one. Takes time linear in the text.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const compact = text.replaceAll(/\s/g, "");
  const padding = compact.endsWith("==") ? 2 : compact.endsWith("=") ? 1 : 0;
  const digits = compact.slice(0, compact.length - padding);
  if (/[^A-Za-z0-9+/]/.test(digits)) return undefined;
  const isWhole = padding === 0 ? digits.length % 4 !== 1 : compact.length % 4 === 0;
  return isWhole ? Buffer.from(digits, "base64") : undefined;
}
