/**
 * Settles as `work` does, unless `signal` aborts (rejects with its reason) or `seconds` pass (rejects with what `overdue` makes) before.
 * The signal that `work` gets covers both.
 */
export async function limitTime<Result>(
  seconds: number,
  signal: AbortSignal,
  overdue: () => Error,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  const timer = setTimeout(() => controller.abort(overdue()), seconds * 1_000);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([rejectWhenAborted(controller.signal), work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = () => {
      // The reason is whatever the caller aborted with.
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors
      reject(signal.reason);
    };
    signal.addEventListener("abort", fail, { once: true });
    if (signal.aborted) fail();
  });
}
