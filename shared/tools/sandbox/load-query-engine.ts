import type { Database, SqlJsStatic } from "sql.js";
import initSqlJs from "sql.js/dist/sql-wasm-browser.js";
import engineBytes from "sql.js/dist/sql-wasm-browser.wasm";

let engine: Promise<SqlJsStatic> | undefined;

/** SQLite in WebAssembly, in the form for browsers: it knows of no file system. It reaches no network and no memory but its own. */
export async function loadQueryEngine(): Promise<new () => Database> {
  engine ??= initSqlJs({ wasmBinary: engineBytes.buffer });
  return (await engine).Database;
}
