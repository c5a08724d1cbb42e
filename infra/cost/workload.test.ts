import { describe, expect, test } from "vitest";
import { functionTable } from "../../functions/function-table.ts";
import { formatUsd, parseUsd } from "../../shared/platform/money.ts";
import { billUse } from "./bill.ts";
import { formatBill, formatCents } from "./format-bill.ts";
import { loadPrices } from "./price-table.ts";
import { Template } from "./template.ts";
import { awakeMonth, listApiCharges, listModelCharges, listTaskCharges } from "./workload.ts";

const prices = loadPrices();
const functions = Object.entries(functionTable).map(([entry, { memoryMegabytes }]) => [
  entry,
  { Type: "AWS::Lambda::Function", Properties: { Description: `${entry} of CognitionOS`, MemorySize: memoryMegabytes } },
]);
const app = (resources: object = {}) => [Template.parse({ Resources: { ...Object.fromEntries(functions), ...resources } })];

describe("use", () => {
  test("costs what the memory of the templates says, not what the table of functions says", () => {
    const worker = {
      Type: "AWS::Lambda::Function",
      Properties: { Description: "ai-runtime/llm-worker of CognitionOS", MemorySize: 1_024 },
    };
    const waiting = (templates: Template[]) => billUse(listTaskCharges(templates), prices).lines[0];

    expect(waiting(app())).toMatchObject({ why: "ai-runtime/llm-worker: 2300 × 8 s × 512 MB", quantity: 9_200_000n });
    expect(waiting(app({ "ai-runtime/llm-worker": worker }))).toMatchObject({ quantity: 18_400_000n });
  });

  test("costs far less than its model", () => {
    const tasks = billUse(listTaskCharges(app()), prices).total;
    const model = billUse(listModelCharges(), prices).total;

    expect(formatUsd(model)).toBe("33.35");
    expect(tasks * 20n).toBeLessThan(model);
  });

  test("counts requests of the firewall and of the front where a stage has them, and a table where it has no cache", () => {
    const ids = (resources: object) => listApiCharges(app(resources)).map(({ price }) => price);

    expect(ids({})).not.toContain("waf-request");
    expect(ids({})).toContain("dynamodb-write");
    expect(
      ids({
        Front: { Type: "AWS::CloudFront::Distribution" },
        Firewall: { Type: "AWS::WAFv2::WebACL" },
        Cache: { Type: "AWS::ElastiCache::ServerlessCache" },
      }),
    ).toEqual(expect.arrayContaining(["cloudfront-request", "waf-request", "valkey-ecpu"]));
  });

  test("of a function that no template has is refused by its name", () => {
    expect(() => listApiCharges([Template.parse({ Resources: {} })])).toThrow("No template has the function planner/http.");
  });
});

test("a bill is shown with its quantities, prices and doubts, and every amount rounded up to a tenth of a cent", () => {
  expect([0n, 1n, parseUsd("6.132"), parseUsd("9.4821")].map(formatCents)).toEqual(["$0.000", "$0.001", "$6.132", "$9.483"]);

  const shown = formatBill("A title", billUse([awakeMonth, { price: "waf-rule", quantity: 1_000n }], prices));

  expect(shown).toContain("365 ACU-hours");
  expect(shown).toContain("$0.12 / ACU-hour");
  expect(shown).toMatch(/1 rule-month +\$1 \/ rule-month \[U\] +\$1\.000/);
  expect(shown).toMatch(/in all +\$44\.800/);
});
