import recommended from "aws-cdk-lib/recommended-feature-flags.json" with { type: "json" };
import { expect, it } from "vitest";
import flags from "./feature-flags.json" with { type: "json" };

it("are those that the library recommends, but for two that docs/decisions/0016 explains", () => {
  expect(flags).toEqual({
    ...recommended,
    "@aws-cdk/core:defaultCrossStackReferences": "strong",
    "@aws-cdk/aws-ec2:restrictDefaultSecurityGroup": false,
  });
});
