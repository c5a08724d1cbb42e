import { createHash, createHmac } from "node:crypto";

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a role that was assumed, as every function's is. */
  readonly sessionToken?: string | undefined;
};

/** A GET that whoever holds its address may send until it expires. */
export type PresignedRequest = {
  readonly service: string;
  readonly region: string;
  /** With its port, where the server counts it in. */
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
  readonly expiresSeconds: number;
};

/**
 * Signs a request for `/` by Signature Version 4 and answers its address without the scheme: the form in which databases and caches take it
 * as a password. The SDK's own signers say the same in eighty times the bytes, which every cold start of a function would load.
 */
export function presign(request: PresignedRequest, credentials: Credentials, now: Date): string {
  const { service, region, host, expiresSeconds } = request;
  const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const query: Record<string, string> = {
    ...request.query,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${credentials.accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(expiresSeconds),
    "X-Amz-SignedHeaders": "host",
    ...(credentials.sessionToken === undefined ? {} : { "X-Amz-Security-Token": credentials.sessionToken }),
  };
  const canonical = ["GET", "/", formatQuery(query), `host:${host}`, "", "host", sha256("")].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signed = { ...query, "X-Amz-Signature": hmac(key, text).toString("hex") };
  return `${host}/?${formatQuery(signed)}`;
}

/** In the order of the names, as the signature wants it. */
function formatQuery(query: Readonly<Record<string, string>>): string {
  const names = Object.keys(query).toSorted();
  return names.map((name) => `${escapeText(name)}=${escapeText(query[name] ?? "")}`).join("&");
}

/** Everything but the unreserved characters of RFC 3986. */
function escapeText(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
