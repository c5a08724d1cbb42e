import fc from "fast-check";
import { expect, test } from "vitest";
import { amendContract, findOutside } from "./find-outside.ts";

const names = fc.constantFrom("a", "b", "c", "d");
const contracts = fc.record({
  approved_sha256: fc.constant("0".repeat(64)),
  tools: fc.uniqueArray(names),
  files: fc.uniqueArray(names),
});
const calls = fc.record({ tool: names, arguments: fc.oneof(fc.record({ path: names }), fc.record({ code: names })) });

test("a call is inside a contract just when its tool and its file are named, and what is let in besides is inside from then on", () => {
  fc.assert(
    fc.property(contracts, calls, (contract, call) => {
      const path = "path" in call.arguments ? call.arguments.path : undefined;
      const isNamed = contract.tools.includes(call.tool) && (path === undefined || contract.files.includes(path));
      const outside = findOutside(contract, call);

      expect(outside === undefined).toBe(isNamed);
      const amended = amendContract(contract, outside ?? {});
      expect(findOutside(amended, call)).toBeUndefined();
      expect([amended.tools.length - contract.tools.length, amended.files.length - contract.files.length]).toEqual([
        Number(outside?.tool !== undefined),
        Number(outside?.file !== undefined),
      ]);
    }),
  );
});

test("nothing is outside of a contract that nobody made", () => {
  expect(findOutside(null, { tool: "write_file", arguments: { path: "a.md" } })).toBeUndefined();
});
