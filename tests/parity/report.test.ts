import { expect, test } from "vitest";
import { compareWorlds, describeWorld, parseReport } from "./report.ts";

const report = (name: string, ...cases: [string, boolean][]) => ({ name, seconds: 1.4, cases: new Map(cases) });

test("worlds with the same cases, all passed, leave nothing to say", () => {
  expect(compareWorlds([report("one", ["a", true]), report("other", ["a", true])])).toEqual([]);
});

test.each([
  ["a case that failed", [report("one", ["a", true], ["b", false])], "one: 1 cases failed."],
  ["no case at all", [report("one")], "one: no case was tried."],
  ["a case less than another world", [report("one", ["a", true], ["b", true]), report("other", ["a", true])], 'other: lacks the case "b"'],
])("%s is said", (_, reports, said) => {
  expect(compareWorlds(reports)).toEqual([expect.stringContaining(said)]);
});

test("a file whose hooks failed has not passed, though each of its cases did", () => {
  const passed = { fullName: "a run ends", status: "passed" };
  const written = {
    testResults: [
      { name: "/x/kill.test.ts", status: "passed", assertionResults: [passed] },
      { name: "/x/run.test.ts", status: "failed", assertionResults: [passed, passed] },
    ],
  };

  const cases = parseReport(JSON.stringify(written), 1);

  expect(Object.fromEntries(cases)).toEqual({
    "kill.test.ts: a run ends": true,
    "run.test.ts: a run ends": true,
    "run.test.ts: a run ends (2)": true,
    "run.test.ts: its hooks": false,
  });
  expect(describeWorld({ name: "bundles", seconds: 90.4, cases })).toBe("bundles: 3 of 4 cases passed in 90 s");
});

test("cases that all passed do not hide that the run failed", () => {
  expect([...parseReport('{"testResults":[]}', 1)]).toEqual([["vitest itself", false]]);
});
