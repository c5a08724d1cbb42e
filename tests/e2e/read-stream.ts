import * as z from "zod";

const Data = z.looseObject({ number: z.int(), at: z.string(), type: z.string() });

export type StreamedEvent = { id: string; event: string; data: z.infer<typeof Data> };

export type Segment = { status: number; contentType: string | null; events: StreamedEvent[]; retry: string | undefined };

/**
 * One segment of a run's events as a browser's EventSource would read it: to the end, or until `enough` of what came so far; then it
 * hangs up.
 */
export async function readSegment(
  url: string,
  runId: string,
  token: string,
  { lastEventId, enough = () => false }: { lastEventId?: string | undefined; enough?: (events: readonly StreamedEvent[]) => boolean } = {},
): Promise<Segment> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/v1/runs/${runId}/events`, {
    headers: { authorization: `Bearer ${token}`, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) },
    signal: leaving.signal,
  });
  const events: StreamedEvent[] = [];
  let retry: string | undefined;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => splitField(line)));
      retry ??= fields.get("retry");
      if (fields.has("data")) events.push(toEvent(fields));
    }
    if (enough(events)) break;
  }
  leaving.abort();
  return { status: response.status, contentType: response.headers.get("content-type"), events, retry };
}

function splitField(line: string): [string, string] {
  const [name = "", ...value] = line.split(": ");
  return [name, value.join(": ")];
}

function toEvent(fields: ReadonlyMap<string, string>): StreamedEvent {
  return { id: fields.get("id") ?? "", event: fields.get("event") ?? "", data: Data.parse(JSON.parse(fields.get("data") ?? "")) };
}
