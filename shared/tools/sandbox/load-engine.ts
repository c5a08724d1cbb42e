import variant from "@jitl/quickjs-ng-wasmfile-release-sync";
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSSyncVariant, type QuickJSWASMModule } from "quickjs-emscripten-core";
import { SANDBOX_LIMITS } from "./limits.ts";

const PAGES_PER_MB = 16;

// The package's types describe its CommonJS build, where the variant is wrapped; the bundler takes the ES module, where it is not.
const syncVariant: QuickJSSyncVariant = "default" in variant ? variant.default : variant;

export type Engine = { readonly quickjs: QuickJSWASMModule; readonly memoryMb: number };

/**
 * An instance of the engine whose whole memory cannot grow beyond the limit. The engine's own `setMemoryLimit` would not do: this
 * build counts 8 bytes for every allocation, however large.
 */
export async function loadEngine(wasmModule: WebAssembly.Module, memoryMb: number): Promise<Engine> {
  const wasmMemory = new WebAssembly.Memory({ initial: SANDBOX_LIMITS.memoryMb.min * PAGES_PER_MB, maximum: memoryMb * PAGES_PER_MB });
  return { quickjs: await newQuickJSWASMModuleFromVariant(newVariant(syncVariant, { wasmModule, wasmMemory })), memoryMb };
}

/** Memory is never given back, so this stays true after the program that used it up has been unwound. */
export function hasUsedUpMemory({ quickjs, memoryMb }: Engine): boolean {
  return quickjs.getWasmMemory().buffer.byteLength > 0.9 * memoryMb * 1024 * 1024;
}
