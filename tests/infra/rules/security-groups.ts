import { leavesEgressOpen, listTrafficRules } from "../template/networks.ts";
import { listResources } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

const HTTPS = 443;
const everybody = ["0.0.0.0/0", "::/0"];

/** Traffic goes from group to group on the ports of a service; to addresses it goes out only, and over TLS only. */
export const securityGroups: Rule = ({ assembly, config }) => [
  ...listResources(assembly, "AWS::EC2::SecurityGroup")
    .filter(leavesEgressOpen)
    .map(({ path }) => `${path} says nothing about what goes out, so everything does.`),
  ...listTrafficRules(assembly).flatMap(({ group, direction, peer, protocol, from, to }) => {
    const isGroup = peer.includes("/") && !/^[\d.:a-f]+\/\d+$/.test(peer);
    const isHttps = protocol === "tcp" && from === HTTPS && to === HTTPS;
    return saying(
      [direction === "in" && !isGroup, `${group} lets ${peer} in: name a group.`],
      [protocol !== "tcp" || to - from > 1, `${group} opens ${protocol} ${from}-${to} for ${peer}: name the port.`],
      [
        direction === "out" && !isGroup && !isHttps,
        `${group} lets ${protocol} ${from}-${to} out to ${peer}: only HTTPS goes to addresses.`,
      ],
      [
        direction === "out" && !isGroup && everybody.includes(peer) && peer === "::/0" && config.egress !== "ipv6",
        `${group} lets traffic out over IPv6 where the switch egress is ${config.egress}.`,
      ],
    );
  }),
];
