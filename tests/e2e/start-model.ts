import { createOpenAiFake, type OpenAiFake } from "../fakes/openai-fake.ts";
import { type FakeReply, playRoles, type Script } from "../fakes/openai-replies.ts";
import type { ChatRequest } from "../fakes/openai-request.ts";

export type Model = OpenAiFake & {
  /** What the server needs in its environment to ask this model. */
  readonly settings: Readonly<Record<string, string>>;
  /** Calls since the last `play`, each with the status it was answered with. */
  recent(): OpenAiFake["calls"];
  /** What the calls since the last `play` used and cost. */
  bill(): ReturnType<OpenAiFake["total"]>;
  /** From now on it answers so; the first call has number 1. Without a script it plays the roles of a run. */
  play(script?: Script): void;
};

/** A model whose script each test of a file changes, behind one server. */
export async function startModel(): Promise<Model> {
  let script: Script = playRoles;
  let before = 0;
  const fake = await createOpenAiFake({ script: (request, number) => script(request, number - before) });
  let billed = fake.total();
  return {
    ...fake,
    settings: { OPENAI_BASE_URL: fake.baseUrl, OPENAI_API_KEY: fake.apiKey },
    recent: () => fake.calls.slice(before),
    bill() {
      const now = fake.total();
      return {
        calls: now.calls - billed.calls,
        input_tokens: now.input_tokens - billed.input_tokens,
        output_tokens: now.output_tokens - billed.output_tokens,
        cost_nano_dollars: now.cost_nano_dollars - billed.cost_nano_dollars,
      };
    },
    play(next = playRoles) {
      script = next;
      before = fake.calls.length;
      billed = fake.total();
    },
  };
}

/** Answers the first calls as listed, and every later one as a script does. */
export function first(replies: readonly FakeReply[], then: Script = playRoles): Script {
  return (request, number) => replies[number - 1] ?? then(request, number);
}

/** Who is asked, as a text that a test can compare: `planner`, `executor`, … */
export function textOf(request: ChatRequest): string {
  return JSON.stringify(request.messages);
}
