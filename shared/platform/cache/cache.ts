/**
 * What may vanish at any moment: hints, rate limits, mirrors. Nothing is ever only here. Implementations: in this process, and Redis
 * or Valkey.
 */
export interface Cache {
  /** Undefined when it was never set, has expired or was forgotten. */
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, options: { ttlSeconds: number }): Promise<void>;
  /** Raises a number to `value` and keeps it there if it is higher already; answers what it is now. */
  raise(key: string, value: number, options: { ttlSeconds: number }): Promise<number>;
  close(): Promise<void>;
}
