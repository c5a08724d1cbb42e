import type { SFNClient } from "@aws-sdk/client-sfn";
import { clientOptions } from "./client-options.ts";
import { lazyClient } from "./lazy-client.ts";

export const getSfnClient: () => Promise<SFNClient> = lazyClient(async () => {
  const { SFNClient } = await import("@aws-sdk/client-sfn");
  return new SFNClient(clientOptions("sfn"));
});
