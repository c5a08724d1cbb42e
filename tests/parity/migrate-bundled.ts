import { callFunction } from "../../local/aws/lambda-functions.ts";
import { deployFunctions } from "./deploy-functions.ts";

/** Migrates a database by the built function, as a deployment does. */
export async function migrateBundled(bundles: string, node: string, ownerUrl: string): Promise<void> {
  const lines: string[] = [];
  const { functions, close } = deployFunctions({
    bundles,
    node,
    tuning: {},
    wiringOf: () => ({ wiring: { environment: { DATABASE_URL: ownerUrl }, statements: [] }, endpoint: "http://127.0.0.1:9" }),
    onLine: (line) => lines.push(line),
    onFailure: (message, error) => lines.push(`${message}: ${String(error)}`),
  });
  try {
    await callFunction(functions, "orchestrator/migrate", {});
  } catch (cause) {
    throw new Error(`The built migrate function failed:\n${lines.join("\n")}`, { cause });
  } finally {
    await close();
  }
}
