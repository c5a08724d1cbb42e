export type Deferred<Value> = { readonly promise: Promise<Value>; resolve(value: Value): void; reject(error: Error): void };

/** A promise that somebody else settles. One that nobody waits for may fail unseen. */
export function createDeferred<Value>(): Deferred<Value> {
  let settle: Pick<Deferred<Value>, "resolve" | "reject"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}
