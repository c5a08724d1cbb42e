import { keepSecret } from "../../platform/aws/secrets.ts";
import { AppError } from "../../platform/errors.ts";

export type KeySettings = { readonly OPENAI_API_KEY?: string | undefined; readonly OPENAI_KEY_SECRET?: string | undefined };

/**
 * The key of OpenAI, or of a server that speaks its protocol: what the secret holds when it is first asked for, and what an operator has set
 * since within five minutes; without a secret the one that is given.
 * @param now milliseconds
 * @throws AppError `wrong-configuration`, when it is asked for and there is none, with what is to be set
 */
export function openOpenAiKey(settings: KeySettings, now: () => number = Date.now): () => Promise<string> {
  const { OPENAI_API_KEY, OPENAI_KEY_SECRET } = settings;
  if (OPENAI_KEY_SECRET !== undefined)
    return keepSecret(OPENAI_KEY_SECRET, (text) => requireKey(text, describeSecret(OPENAI_KEY_SECRET)), now);
  return async () => requireKey(OPENAI_API_KEY, "OPENAI_API_KEY");
}

function requireKey(text: string | undefined, place: string): string {
  const key = text?.trim() ?? "";
  if (key === "") throw new AppError("wrong-configuration", `Models of openai need a key: set ${place}`);
  return key;
}

/** By its name: who reads the error of a call has no use for the account's number. */
function describeSecret(id: string): string {
  const [, name = id] = /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:(.+)-\w{6}$/.exec(id) ?? [];
  return `the secret ${name}`;
}
