/** An error in the sense of the States Language: `code` is what Retry and Catch match. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly code: string;

  constructor(code: string, cause: string) {
    super(cause);
    this.code = code;
  }
}

/** A mistake in the definition or its data; no Retry and no Catch can match it. */
export function runtimeError(cause: string): StateError {
  return new StateError("States.Runtime", cause);
}
