/** The bundler puts the bytes of the engine into the bundle (loader `binary` for `.wasm`). */
declare module "@jitl/quickjs-ng-wasmfile-release-sync/wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module "sql.js/dist/sql-wasm-browser.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module "sql.js/dist/sql-wasm-browser.js" {
  export { default } from "sql.js";
}

/** The part of WebAssembly used here: its types belong to the library of browsers, which this project does not load. */
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  class Memory {
    /** In pages of 64 KiB. */
    constructor(size: { initial: number; maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
}
