import { Lazy } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { type FunctionEntry, type FunctionSettings, functionTable } from "../../functions/function-table.ts";
import { findReserved } from "../capacity/connection-users.ts";
import type { AppParts } from "../functions/app-parts.ts";
import { functionWiring } from "../functions/function-wiring.ts";
import type { Network } from "../functions/join-network.ts";
import { mapTable, toId } from "../functions/map-table.ts";
import { CognitionFunction } from "./cognition-function.ts";
import { toRetention } from "./log-retention.ts";

/** Every function of the table, by its entry. They know of each other by `functionArn`, so their order does not matter. */
export function createFunctions(scope: Construct, given: Omit<AppParts, "functionArn">): Record<FunctionEntry, lambda.Function> {
  const parts: AppParts = { ...given, functionArn: (entry) => Lazy.string({ produce: () => made[entry].functionArn }) };
  const made: Record<FunctionEntry, lambda.Function> = mapTable(
    functionTable,
    (entry, settings) =>
      new CognitionFunction(scope, toId(entry), {
        entry,
        wiring: functionWiring[entry](parts),
        network: chooseNetwork(given, settings),
        logRetention: toRetention(given.config.logDays),
        reservedConcurrency: given.config.reservedConcurrency ? findReserved(entry) : undefined,
      }),
  );
  return made;
}

/** Hands and edge are outside any network of ours: they need the world, or DynamoDB alone. */
function chooseNetwork({ config, data }: Omit<AppParts, "functionArn">, { zone }: FunctionSettings): Network | undefined {
  if (data.network === undefined) return undefined;
  if (zone === "mind") return { zone, place: data.network.mind, egress: config.egress };
  return zone === "sandbox" ? { zone, place: data.network.sandbox } : undefined;
}
