import { expect, it } from "vitest";
import { findFault } from "./state-machine-rules.ts";

const machine = (next: string) =>
  JSON.stringify({ StartAt: "Work", States: { Work: { Type: "Pass", Next: next }, Done: { Type: "Succeed" } } });

it("finds nothing in a definition whose every state leads to one that there is", () => {
  expect(findFault(machine("Done"))).toBeUndefined();
});

it("finds a state that leads to none", () => {
  expect(findFault(machine("Finished"))).toContain("Finished");
});

it("finds faults in what CloudFormation puts together of texts and of values known later", () => {
  const [before, after] = machine("Done").split("Pass");

  expect(findFault({ "Fn::Join": ["", [before, { Ref: "Kind" }, after]] })).toContain("Work");
});

it("finds what is no JSON, and what is no text that could be read", () => {
  expect(findFault("{")).toMatch(/^The definition is not JSON: /);
  expect(findFault({ Ref: "Definition" })).toBe("The definition is no text in the template, so nobody can check it: give it as one.");
});
