import { playRoles, roleOf, type Script } from "../fakes/openai-replies.ts";

export type HeldBack = {
  readonly script: Script;
  /** Resolves when the answer that is kept back was asked for. */
  readonly asked: Promise<void>;
  /** Lets it, and every later one, be given. */
  release(): void;
};

/** Keeps back a model's answers to one role until they are released: what happens meanwhile happens while a call is under way. */
export function holdBack(role: string, play: Script = playRoles): HeldBack {
  let reach = () => {};
  let release = () => {};
  const asked = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return {
    asked,
    release: () => release(),
    async script(request, number) {
      if (roleOf(request) === role) {
        reach();
        await released;
      }
      return play(request, number);
    },
  };
}
