import { hash } from "node:crypto";
import * as z from "zod";

/** As they travel in the SQS protocol; binary values are base64. */
export const MessageAttributes = z.record(
  z.string().min(1).max(256),
  z.strictObject({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.base64().optional() }),
);
export type MessageAttributes = z.infer<typeof MessageAttributes>;

export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType) + Buffer.byteLength(StringValue ?? "");
    bytes += Buffer.byteLength(BinaryValue ?? "", "base64");
  }
  return bytes;
}

/** The digest AWS defines for attributes: each of name, type and value with its length before it, sorted by name. */
export function hashMessageAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).toSorted();
  if (names.length === 0) return undefined;
  const parts = names.flatMap((name) => {
    const { DataType = "", StringValue, BinaryValue } = attributes[name] ?? {};
    const value = BinaryValue === undefined ? Buffer.from(StringValue ?? "") : Buffer.from(BinaryValue, "base64");
    const transport = Buffer.of(BinaryValue === undefined ? 1 : 2);
    return [withLength(Buffer.from(name)), withLength(Buffer.from(DataType)), transport, withLength(value)];
  });
  return hash("md5", Buffer.concat(parts));
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
