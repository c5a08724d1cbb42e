/** What one execution may use. Bytes are bytes of UTF-8; the time is wall clock and starts when the program does. */
export const SANDBOX_LIMITS = {
  timeMs: { default: 10_000, max: 30_000 },
  /** Of the engine as a whole, which needs the first 16 to start. The default holds 4 MiB of CSV split into cells. */
  memoryMb: { default: 128, min: 16, max: 256 },
  codeBytes: 100_000,
  /** `input` and `files` together, as JSON. */
  dataBytes: 4 * 1024 * 1024,
  /** The JSON of what the program hands to `output`. */
  valueBytes: 128 * 1024,
  /** Levels of arrays and objects in the value: every reader of the value recurses. */
  valueDepth: 100,
  logBytes: 64 * 1024,
  logLines: 1_000,
} as const;
