import { AppError } from "../../platform/errors.ts";

/**
 * Runs `work` until it ends, `signal` aborts or `seconds` have passed, whichever is first; the signal that `work` gets covers both. Needed
 * because clients let neither interrupt the pause before a retry, and no timeout of theirs covers the body of a reply.
 * Rejects with `provider-unavailable` when stopped.
 */
export async function withDeadline<T>(signal: AbortSignal, seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let rejectStopped: (error: AppError) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    rejectStopped = reject;
  });
  const stop = (detail: string): void => {
    rejectStopped(new AppError("provider-unavailable", detail));
    controller.abort();
  };
  const onAbort = (): void => stop("The call was stopped before its answer came");
  const timer = setTimeout(() => stop(`The model provider gave no whole answer within ${seconds} s`), seconds * 1000);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    return await Promise.race([stopped, controller.signal.aborted ? stopped : work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
