import { Duplex } from "node:stream";

/** Carries protocol messages into PGlite, which answers by calling `answer`; what it hands over is its own memory, valid only during the call. */
export type ExecuteProtocol = (messages: Uint8Array, answer: (bytes: Uint8Array) => void) => Promise<void>;

const SYNC = 0x53;
const QUERY = 0x51;
const TERMINATE = 0x58;

// AuthenticationOk and ReadyForQuery (idle): PGlite in single-user mode knows no start-up handshake.
const HANDSHAKE = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

/**
 * The socket that node-postgres believes in. It collects messages until a Sync or a simple Query ends them, so that a parameterised
 * statement is one call into WASM instead of five, and gives the event loop a turn before each: PGlite answers in the same tick, and
 * without that turn HTTP starves while it works.
 */
export class PgliteConnection extends Duplex {
  readonly #execute: ExecuteProtocol;
  #pending: Buffer = Buffer.alloc(0);
  #handshaken = false;

  constructor(execute: ExecuteProtocol) {
    super();
    this.#execute = execute;
  }

  // node-postgres treats its stream as a net.Socket.
  connect(): this {
    setImmediate(() => this.emit("connect"));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    // Answers are pushed when they exist.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.#handshaken) {
      this.#handshaken = true;
      this.push(HANDSHAKE);
      done();
      return;
    }
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const end = endOfRequest(this.#pending);
    if (end === 0) {
      done();
      return;
    }
    const messages = this.#pending.subarray(0, end);
    this.#pending = this.#pending.subarray(end);
    setImmediate(() => void this.#answer(messages, done));
  }

  async #answer(messages: Buffer, done: (error?: Error | null) => void): Promise<void> {
    let failure: Error | null = null;
    if (messages.at(-5) === TERMINATE) this.push(null);
    else {
      try {
        await this.#execute(messages, (bytes) => this.push(Buffer.from(bytes)));
      } catch (error) {
        failure = error instanceof Error ? error : new Error("PGlite failed", { cause: error });
      }
    }
    done(failure);
  }
}

/** Offset after the last complete Sync, Query or Terminate message; 0 while the request is not complete. */
function endOfRequest(buffer: Buffer): number {
  let offset = 0;
  let end = 0;
  while (offset + 5 <= buffer.length) {
    const next = offset + 1 + buffer.readInt32BE(offset + 1);
    if (next > buffer.length) break;
    const type = buffer[offset];
    offset = next;
    if (type === SYNC || type === QUERY || type === TERMINATE) end = offset;
  }
  return end;
}
