import { bundleSandbox } from "../local/bundle.mjs";

/** Tests that run code in the sandbox start the bundled programs, as the embedded run does. */
export default async function setup(): Promise<void> {
  await bundleSandbox();
}
