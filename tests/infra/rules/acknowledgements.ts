import { acknowledgements as list } from "../../../infra/acknowledgements.ts";
import counts from "../acknowledged-findings.json" with { type: "json" };
import { type Rule, saying } from "./rule.ts";

/** A reason says more than that there is one. */
const SHORTEST_REASON = 30;

/** What cdk-nag finds is right as it is for a reason that is written down, and there is never more of it. */
export const acknowledgements: Rule = ({ nag, assembly }) => {
  const most = Object.entries(counts).find(([stage]) => stage === assembly.stage)?.[1] ?? 0;
  return [
    ...nag.open.map(({ ruleName, description }) => `cdk-nag finds ${ruleName}: ${description}`),
    ...nag.unused.map(({ at, rule }) => `The acknowledgement of ${rule} at ${at} fits nothing.`),
    ...list
      .filter(({ reason }) => reason.length < SHORTEST_REASON || !reason.endsWith("."))
      .map(({ at, rule }) => `The acknowledgement of ${rule} at ${at} gives no reason.`),
    ...saying(
      [
        nag.acknowledged > most,
        `${assembly.stage} has ${nag.acknowledged} findings that are acknowledged, which were ${most}: find another way.`,
      ],
      [
        nag.acknowledged < most,
        `${assembly.stage} has only ${nag.acknowledged} findings left: lower the ${most} of tests/infra/acknowledged-findings.json.`,
      ],
    ),
  ];
};
