import { listResources, property, recordsOf } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** DynamoDB holds items by one key, which go when they say so, and costs what is asked of it. */
export const tables: Rule = ({ assembly }) =>
  listResources(assembly, "AWS::DynamoDB::Table").flatMap((table) => {
    const keys = recordsOf(table.properties["KeySchema"]).map(
      ({ AttributeName, KeyType }) => `${String(AttributeName)} ${String(KeyType)}`,
    );
    return saying(
      [keys.join() !== "pk HASH", `${table.path} is keyed by ${keys.join()}, not by pk.`],
      [property(table, "TimeToLiveSpecification", "AttributeName") !== "ttl", `${table.path} does not forget by ttl.`],
      [property(table, "TimeToLiveSpecification", "Enabled") !== true, `${table.path} forgets nothing.`],
      [table.properties["BillingMode"] !== "PAY_PER_REQUEST", `${table.path} is paid for while nobody asks.`],
    );
  });
