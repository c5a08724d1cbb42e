import { findApi } from "../template/api.ts";
import { findTarget } from "../template/resolve.ts";
import { type Located, listResources, property, recordsOf } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** CloudFront gives a quiet origin up after its own time; a stream says something every 15 s. */
const STREAM_SILENCE_SECONDS = 15;
/** The managed policy "CachingDisabled". */
const NO_CACHE = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

/** One address for dashboard and API, over TLS only; what people are answered is cached by nobody; the files are reached through it alone. */
export const frontDoor: Rule = ({ assembly, config }) => [
  ...saying([listResources(assembly, "AWS::CloudFront::Distribution").length !== 1, "There is not one distribution."]),
  ...listResources(assembly, "AWS::CloudFront::Distribution").flatMap((distribution) => {
    const read = (...keys: string[]) => property(distribution, "DistributionConfig", ...keys);
    const behaviours = recordsOf(read("CacheBehaviors"));
    const all = [...behaviours, ...recordsOf(read("DefaultCacheBehavior"))];
    const origins = recordsOf(read("Origins"));
    const api = origins.find((origin) => origin["CustomOriginConfig"] !== undefined);
    const files = origins.find((origin) => origin["S3OriginConfig"] !== undefined);
    return [
      ...all
        .filter(({ ViewerProtocolPolicy }) => ViewerProtocolPolicy !== "https-only" && ViewerProtocolPolicy !== "redirect-to-https")
        .map(({ PathPattern }) => `${distribution.path} answers ${distribution.text(PathPattern ?? "everything")} over plain HTTP.`),
      ...all
        .filter(({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId === undefined)
        .map(
          ({ PathPattern }) => `${distribution.path} answers ${distribution.text(PathPattern ?? "everything")} without headers for safety.`,
        ),
      ...behaviours
        .filter(({ TargetOriginId, CachePolicyId }) => TargetOriginId === api?.["Id"] && CachePolicyId !== NO_CACHE)
        .map(({ PathPattern }) => `${distribution.path} keeps answers of ${distribution.text(PathPattern)} for others.`),
      ...["/v1/*", "/health", "/problems/*"]
        .filter((path) => !behaviours.some(({ PathPattern, TargetOriginId }) => PathPattern === path && TargetOriginId === api?.["Id"]))
        .map((path) => `${distribution.path} does not lead ${path} to the API.`),
      ...judgeOrigins(distribution, api, files, findApi(assembly)?.path),
    ];
  }),
  ...judgeFirewall(listResources(assembly, "AWS::WAFv2::WebACL"), listResources(assembly, "AWS::WAFv2::WebACLAssociation"), config.waf),
];

type Origin = Readonly<Record<string, unknown>> | undefined;

function judgeOrigins(distribution: Located, api: Origin, files: Origin, apiPath: string | undefined): readonly string[] {
  const seconds = Number(property({ properties: api ?? {} }, "CustomOriginConfig", "OriginReadTimeout") ?? 30);
  return saying(
    [findTarget(distribution.text(api?.["DomainName"])) !== apiPath, `${distribution.path} leads to another API than ours.`],
    [
      property({ properties: api ?? {} }, "CustomOriginConfig", "OriginProtocolPolicy") !== "https-only",
      `${distribution.path} speaks plain HTTP with the API.`,
    ],
    [seconds <= STREAM_SILENCE_SECONDS, `${distribution.path} gives a stream up that says nothing for ${seconds} s.`],
    [files === undefined || files["OriginAccessControlId"] === undefined, `${distribution.path} reads its files as everybody could.`],
  );
}

function judgeFirewall(firewalls: readonly Located[], places: readonly Located[], isWanted: boolean): readonly string[] {
  const wanted = isWanted ? 1 : 0;
  return [
    ...saying(
      [firewalls.length !== wanted, `There are ${firewalls.length} firewalls where the switch waf is ${isWanted ? "on" : "off"}.`],
      [places.length !== wanted, `A firewall stands before ${places.length} stages where the switch waf is ${isWanted ? "on" : "off"}.`],
    ),
    ...firewalls.flatMap((firewall) => {
      const text = JSON.stringify(firewall.properties);
      return saying(
        [!text.includes("RateBasedStatement"), `${firewall.path} does not bound what one visitor asks.`],
        [!text.includes("AWSManagedRulesKnownBadInputsRuleSet"), `${firewall.path} does not know bad inputs.`],
        [!text.includes('"authorization"'), `${firewall.path} keeps credentials of requests that it looked at.`],
      );
    }),
  ];
}
