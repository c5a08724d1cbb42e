import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { type ExecuteProtocol, PgliteConnection } from "./connection.ts";
import { lockFolder } from "./lock.ts";

/**
 * PGlite's own start parameters, with a buffer pool that fits a laptop (-126 MB) and without fsync: the death of the process is safe,
 * the loss of power is not, and the documentation says so. Nothing ever analyses its tables, and the plans that were made while they were
 * small stay for as long as the process lives: none may be to read a table whole where an index leads to the rows. Which index that is never
 * depends on the values, so a statement is planned once and not, because a list of one id looks cheaper than one of ten, each time.
 */
const START_PARAMETERS = [
  "--single",
  "-F",
  "-O",
  "-j",
  ...["search_path=public", "exit_on_error=false", "log_checkpoints=false", "max_worker_processes=0", "max_parallel_workers=0"].flatMap(
    setting,
  ),
  ...[
    "max_parallel_workers_per_gather=0",
    "io_method=sync",
    "max_parallel_maintenance_workers=0",
    "shared_buffers=16MB",
    "jit=off",
    "enable_seqscan=off",
    "plan_cache_mode=force_generic_plan",
  ].flatMap(setting),
];

function setting(text: string): string[] {
  return ["-c", text];
}

/** The role that the embedded database logs in as: no superuser, which would silently ignore row-level security. */
const LOGIN_ROLE = "cognition";

/** Opens the folder for this process alone. `asOwner` keeps the superuser, for migrations only. */
export async function openPglite(
  folder: string,
  options: { asOwner?: boolean } = {},
): Promise<{ connect: () => Duplex; close: () => Promise<void> }> {
  mkdirSync(dirname(folder), { recursive: true });
  const release = lockFolder(folder);
  try {
    const [{ PGlite }, { vector }] = await Promise.all([import("@electric-sql/pglite"), import("@electric-sql/pglite-pgvector")]);
    const database = await PGlite.create({
      dataDir: folder,
      extensions: { vector },
      startParams: START_PARAMETERS,
      ...(options.asOwner === true ? {} : { username: LOGIN_ROLE }),
    });
    // Not `execProtocolRawSync`: it would parse every answer and keep it, row by row, for as long as the process lives.
    const execute: ExecuteProtocol = (messages, answer) => database.execProtocolRawStream(messages, { syncToFs: false, onRawData: answer });
    return {
      connect: () => {
        const connection = new PgliteConnection(execute);
        // One that replaces another after an error meets the statements that the one session still has.
        execute(simpleQuery("DEALLOCATE ALL"), () => undefined).catch((cause: unknown) =>
          connection.destroy(new Error("PGlite failed", { cause })),
        );
        return connection;
      },
      async close() {
        await database.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

function simpleQuery(text: string): Uint8Array {
  const body = Buffer.from(`${text}\0`);
  const message = Buffer.alloc(5 + body.length);
  message.write("Q", 0);
  message.writeInt32BE(4 + body.length, 1);
  body.copy(message, 5);
  return message;
}
