import { request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { Reply } from "./api.ts";

/** A request whose target is sent as it is: `fetch` would take dot segments out and encode what is not encoded. */
export function sendRaw(
  url: string,
  target: string,
  { method = "GET", headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: target, headers, agent: false }, (response) => {
      text(response).then((received) => resolve(toReply(response.statusCode ?? 0, response.headersDistinct, received)), reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Bytes that need not be HTTP, and all that comes back until the server closes. */
export function sendBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname, () => socket.write(bytes, "latin1"));
  return text(socket);
}

/** What `sendBytes` got, as the one answer that it should be. */
export function readAnswer(received: string): Reply {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line): [string, string[]] => {
    const [name = "", ...value] = line.split(": ");
    return [name.toLowerCase(), [value.join(": ")]];
  });
  return toReply(Number(statusLine.split(" ")[1]), Object.fromEntries(headers), rest.join("\r\n\r\n"));
}

function toReply(status: number, headers: NodeJS.Dict<string[]>, received: string): Reply {
  const flat = Object.entries(headers).map(([name, values = []]): [string, string] => [name, values.join(", ")]);
  return { status, headers: new Headers(flat), text: received, body: parseJson(received) };
}

function parseJson(received: string): unknown {
  try {
    return JSON.parse(received);
  } catch {
    return undefined;
  }
}
