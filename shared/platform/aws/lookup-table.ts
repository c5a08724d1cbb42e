import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { readVariable } from "../config/env.ts";
import { getDynamoDbClient } from "./dynamodb.ts";

/**
 * The one DynamoDB table: items are found by `pk` alone and vanish after `ttl` (seconds since the epoch). It holds `key#<sha256>`,
 * `rev#<session>` and `jwks` for the authorizer, which has no database, and `idem#…`, the answers kept for repeated requests.
 */
export type LookupTable = { readonly name: () => string; readonly client: () => Promise<DynamoDBClient> };

/** The table of this deployment, by LOOKUP_TABLE. */
export const lookupTable: LookupTable = { name: () => readVariable("LOOKUP_TABLE"), client: getDynamoDbClient };
