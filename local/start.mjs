import path from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { bundleCommands, bundleScript, commands, root } from "./bundle.mjs";

/**
 * Bundles what the command needs, unless nothing changed, and runs it in this process. The bundled module exports
 * `main(argv)`, which answers the exit code; it finds the files of the repository through COGNITION_ROOT.
 *
 * @param {string[]} argv the command and its arguments
 */
export async function start([command = "", ...rest]) {
  process.env["COGNITION_ROOT"] = root;
  process.on("uncaughtException", fail);
  if (!Object.hasOwn(commands, command) && !(command === "run" && rest[0] !== undefined)) {
    process.stderr.write(`Usage: node local/launch.mjs ${Object.keys(commands).join(" | ")} | run FILE.ts, with arguments\n`);
    process.exit(2);
  }
  try {
    const { main } = await load(command, rest);
    await exit(await main(command === "run" ? rest.slice(1) : rest));
  } catch (error) {
    if (command !== "prepare") return fail(error);
    // An installation must not fail for what the first command can still do.
    process.stderr.write(`Nothing was prepared: ${describe(error)}\n`);
  }
}

/**
 * @param {string} command
 * @param {string[]} rest
 */
async function load(command, rest) {
  const file = command === "run" ? await bundleScript(path.resolve(rest[0] ?? "")) : await bundleCommands(command);
  process.setSourceMapsEnabled(true);
  // Before any schema is made: compiling each at its first use costs a short life a tenth of its time, and pays back twelvefold in a long one.
  // What `run` runs (benches, simulations) lives long, as functions do.
  if (command !== "run") z.config({ jitless: true });
  /** @type {{ main(argv: string[]): Promise<number> }} */
  const module = await import(pathToFileURL(file).href);
  return module;
}

/** @param {unknown} error */
function fail(error) {
  const debugging = process.env["COGNITION_DEBUG"] === "1";
  process.stderr.write(debugging && error instanceof Error ? `${error.stack}\n` : `${describe(error)} (COGNITION_DEBUG=1 shows where)\n`);
  process.exit(1);
}

/** @param {unknown} error */
function describe(error) {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] || "It failed without a reason.";
}

/**
 * Ends the process after all output has left it, whatever timers and connections are still open.
 *
 * @param {number} code
 */
async function exit(code) {
  for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve));
  process.exit(code);
}
