import { listDeployed } from "../template/deployed-functions.ts";
import { databaseLogin } from "../template/named-resources.ts";
import { findTarget } from "../template/resolve.ts";
import { listResources, property, recordsOf } from "../template/resources.ts";
import { type Rule, saying } from "./rule.ts";

/** A function that was frozen keeps its connection, and a connection keeps Aurora awake. */
const MOST_IDLE_MILLISECONDS = 180_000;

/** HTTP functions have one login, conductor and ledger another: a role of the database cannot be left. */
const engines = ["orchestrator/conductor", "orchestrator/ledger"];

/** Aurora PostgreSQL 17 that may sleep, signed logins by role, in subnets that lead nowhere, on no public address. */
export const database: Rule = ({ assembly, config }) => [
  ...listResources(assembly, "AWS::RDS::DBCluster").flatMap((cluster) => {
    const group = findTarget(cluster.text(cluster.properties["DBClusterParameterGroupName"]));
    const parameters = listResources(assembly, "AWS::RDS::DBClusterParameterGroup").find(({ path }) => path === group);
    const idle = Number(parameters === undefined ? 0 : property(parameters, "Parameters", "idle_session_timeout"));
    const scaling = (key: string) => property(cluster, "ServerlessV2ScalingConfiguration", key);
    return saying(
      [
        cluster.properties["Engine"] !== "aurora-postgresql" || !String(cluster.properties["EngineVersion"]).startsWith("17."),
        `${cluster.path} is not Aurora PostgreSQL 17.`,
      ],
      [cluster.properties["EnableIAMDatabaseAuthentication"] !== true, `${cluster.path} takes no signed logins.`],
      [cluster.properties["ManageMasterUserPassword"] !== true, `${cluster.path} has a password of its owner that nobody changes.`],
      [
        scaling("MinCapacity") !== config.acu.min || scaling("MaxCapacity") !== config.acu.max,
        `${cluster.path} does not scale as its stage says.`,
      ],
      [config.acu.min === 0 && scaling("SecondsUntilAutoPause") === undefined, `${cluster.path} may sleep but does not say when.`],
      [!(idle > 0 && idle <= MOST_IDLE_MILLISECONDS), `${cluster.path} keeps connections that nobody uses, and stays awake for them.`],
    );
  }),
  ...listResources(assembly, "AWS::RDS::DBInstance").flatMap(({ path, properties }) =>
    saying([properties["PubliclyAccessible"] !== false, `${path} has a public address.`]),
  ),
  ...listResources(assembly, "AWS::RDS::DBInstance")
    .slice(config.readers + 1)
    .map(({ path }) => `${path} is more than the writer and ${config.readers} readers.`),
  ...listDeployed(assembly).flatMap((deployed) => {
    const login = databaseLogin(deployed)?.login;
    if (deployed.environment["DATABASE_URL"] === undefined || deployed.entry === "orchestrator/migrate") return [];
    const wanted = engines.includes(deployed.entry) ? "cognition_engine" : "cognition_http";
    return saying([login !== wanted, `${deployed.entry} signs in as ${login ?? "nobody"}, not as ${wanted}.`]);
  }),
  ...recordsOf(listResources(assembly, "AWS::RDS::DBProxy")).map(() => "A proxy costs 87 dollars a month and keeps Aurora awake."),
];
