import { beforeAll, describe, expect, test } from "vitest";
import { switches } from "../../infra/config/parse-switch.ts";
import type { StageConfig } from "../../infra/config/stage-config.ts";
import { stages } from "../../infra/config/stages.ts";
import { findNewAlwaysOn } from "../../infra/cost/always-on.ts";
import { billMonth, billUse } from "../../infra/cost/bill.ts";
import type { Charge } from "../../infra/cost/charge.ts";
import { formatCents } from "../../infra/cost/format-bill.ts";
import { listIdleCharges } from "../../infra/cost/idle-month.ts";
import { loadPrices } from "../../infra/cost/price-table.ts";
import type { Template } from "../../infra/cost/template.ts";
import { awakeMonth, listApiCharges, listTaskCharges } from "../../infra/cost/workload.ts";
import { parseUsd } from "../../shared/platform/money.ts";
import { readRepositoryFile } from "../architecture/source-file.ts";
import { findLostLinks, findLostResources, listAnchors, readTable } from "./deploy-document.ts";
import { synthesise } from "./synthesise.ts";
import type { Assembly } from "./template/assembly.ts";

type Stage = "dev" | "prod";

const prices = loadPrices();
const assemblies = new Map<Stage, Assembly>();

beforeAll(async () => {
  for (const stage of ["dev", "prod"] as const) assemblies.set(stage, (await synthesise(stage)).assembly);
}, 120_000);

function assemblyOf(stage: Stage): Assembly {
  const assembly = assemblies.get(stage);
  if (assembly === undefined) throw new Error(`${stage} was not synthesised`);
  return assembly;
}

const templatesOf = (stage: Stage): readonly Template[] => assemblyOf(stage).stacks.map(({ template }) => template);
const idle = (given: readonly Template[]) => billMonth(listIdleCharges(given), prices);

describe("the idle month", () => {
  test.each(["dev", "prod"] as const)("of %s has a price or a reason for every resource, and nothing that nobody allowed", (stage) => {
    expect(templatesOf(stage)).toHaveLength(4);
    expect(findNewAlwaysOn(stage, idle(templatesOf(stage)))).toEqual([]);
  });

  test("of dev costs at most ten dollars", () => {
    const { total } = idle(templatesOf("dev"));

    expect(total).toBeGreaterThan(parseUsd("8"));
    expect(total).toBeLessThanOrEqual(parseUsd("10"));
  });
});

describe("in the templates of dev is caught", () => {
  const plant = (type: string, properties: Record<string, unknown>, id = "Planted"): readonly Template[] => [
    ...templatesOf("dev"),
    { Resources: { [id]: { Type: type, Properties: properties } } },
  ];

  test.each<[string, string, Record<string, unknown>]>([
    ["a NAT gateway", "AWS::EC2::NatGateway", {}],
    ["a third endpoint", "AWS::EC2::VPCEndpoint", { VpcEndpointType: "Interface", SubnetIds: ["one"] }],
    ["another secret for everybody", "AWS::SecretsManager::Secret", {}],
    ["a queue with a consumer", "AWS::Lambda::EventSourceMapping", {}],
  ])("%s", (_what, type, properties) => {
    expect(findNewAlwaysOn("dev", idle(plant(type, properties)))).not.toEqual([]);
  });

  test("provisioned concurrency of one of its functions", () => {
    const warm = { Type: "AWS::Lambda::Alias", Properties: { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 1 } } };
    const given = templatesOf("dev").map(({ Resources }) => ({ Resources: { ...Resources, Warm: warm } }));

    expect(findNewAlwaysOn("dev", idle(given.slice(1, 2)))).toEqual(expect.arrayContaining([expect.stringContaining("lambda-kept-warm")]));
  });

  test("a database that never sleeps", () => {
    const awake = templatesOf("dev").map(({ Resources }) => ({
      Resources: Object.fromEntries(
        Object.entries(Resources).map(([id, resource]) => {
          if (resource.Type !== "AWS::RDS::DBCluster") return [id, resource];
          const Properties = { ...resource.Properties, ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 } };
          return [id, { ...resource, Properties }];
        }),
      ),
    }));

    expect(findNewAlwaysOn("dev", idle(awake))).toEqual(expect.arrayContaining([expect.stringContaining("aurora-acu-hour")]));
  });

  test("a resource of a kind that nobody knows", () => {
    expect(() => idle(plant("AWS::EC2::Instance", {}))).toThrow("Planted is of type AWS::EC2::Instance: say in priced-resources.ts");
  });
});

const document = readRepositoryFile("docs/deploy.md");

/** As a person writes a switch. */
const write = (value: StageConfig[keyof StageConfig]): string =>
  value === undefined ? "" : typeof value === "object" ? `${value.min}-${value.max}` : String(value);

describe("docs/deploy.md", () => {
  test("has a section for each alarm, and links that lead somewhere", () => {
    const alarms = assemblyOf("prod").stacks.flatMap(({ template }) =>
      Object.values(template.Resources).filter(({ Type }) => Type === "AWS::CloudWatch::Alarm"),
    );
    const runbooks = alarms.map(
      ({ Properties }) => /docs\/deploy\.md#([\w-]+)$/.exec(String(Properties["AlarmDescription"]))?.[1] ?? "none",
    );

    expect(runbooks.length).toBeGreaterThan(10);
    expect(findLostLinks(document, runbooks)).toEqual([]);
  });

  test("names outputs and resources that the stacks have, each only one", () => {
    expect(findLostResources(document, assemblyOf("prod"))).toEqual([]);
  });

  test("says what each switch is in dev and prod, and names no other", () => {
    const table = readTable(document, "Switches");
    const used = [...document.matchAll(/(?:^|\s|`)-c (\w+)=/g)].flatMap(([, name]) =>
      name === "stage" || name === "name" ? [] : (name ?? []),
    );

    expect([...table.keys()].toSorted()).toEqual([...switches].toSorted());
    for (const name of switches) {
      expect({ name, values: table.get(name)?.slice(0, 2) }).toEqual({ name, values: [write(stages.dev[name]), write(stages.prod[name])] });
    }
    expect(used.filter((name) => !table.has(name))).toEqual([]);
  });

  test("calls functions with sam, which finds each bundle by what the template says of it", () => {
    const functions = assemblyOf("prod").stacks.flatMap(({ template }) =>
      Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function"),
    );

    expect(document).toContain("sam local invoke $NAME --template $TEMPLATE --event examples/events/gateway/get-health.json");
    expect(functions.length).toBeGreaterThan(10);
    for (const { Metadata } of functions) {
      expect(Metadata).toMatchObject({ "aws:asset:path": expect.stringMatching(/^asset\.\w+$/), "aws:asset:property": "Code" });
    }
  });

  test("says how many executions prod reserves", () => {
    const reserved = assemblyOf("prod")
      .stacks.flatMap(({ template }) => Object.values(template.Resources))
      .map(({ Properties }) => Number(Properties["ReservedConcurrentExecutions"] ?? 0));

    expect(document).toContain(`\`prod\` reserves ${reserved.reduce((sum, count) => sum + count, 0)} executions.`);
  });

  test("says what they cost", () => {
    const rows = document.split("\n");
    const say = (what: string, ...amounts: readonly (bigint | undefined)[]) =>
      expect(rows).toContain(
        `| ${[what, ...amounts.map((amount) => (amount === undefined ? "" : formatCents(amount)))].join(" | ")} |`.replace("|  |", "| |"),
      );
    const [dev, prod] = [templatesOf("dev"), templatesOf("prod")];
    const use = (list: (given: readonly Template[]) => readonly Charge[], given: readonly Template[]) => billUse(list(given), prices).total;

    say("a month in which nobody comes", idle(dev).total, idle(prod).total);
    say("the same, if the database never sleeps", idle(dev).total + use(() => [awakeMonth], dev), undefined);
    say("1,000 tasks, beside the model", use(listTaskCharges, dev), use(listTaskCharges, prod));
    say("1,000,000 calls of the API within three hours", use(listApiCharges, dev), use(listApiCharges, prod));
  });
});

describe("a document is caught when it", () => {
  const template = {
    Resources: { LookupsA1: { Type: "AWS::DynamoDB::Table", Properties: {} }, LookupsB2: { Type: "AWS::DynamoDB::Table", Properties: {} } },
    Outputs: { Url: { Value: "x" } },
    Parameters: {},
  };
  const assembly: Assembly = {
    stage: "prod",
    missing: [],
    images: [],
    stacks: [{ name: "cognition-prod-data", template, isProtected: true, tags: {} }],
  };

  test.each([
    ["reads an output that is not there", "`$(output data Adress)`", "data has no output Adress"],
    ["reads an output of another stack", "`$(output edge Url)`", "edge has no output Url"],
    ["looks for what is not there", "named data Lambda::Function Absent", "data has 0 of AWS::Lambda::Function that begin with Absent"],
    ["looks for what is there twice", "named data DynamoDB::Table Lookups", "data has 2 of AWS::DynamoDB::Table that begin with Lookups"],
  ])("%s", (_what, markdown, finding) => {
    expect(findLostResources(markdown, assembly)).toEqual([finding]);
  });

  test("links to a heading that is not there, or has none for an alarm", () => {
    const markdown = "# A title\n## What's `new`\n[here](#whats-new) [there](#absent)\n```sh\n# no heading\n```\n";

    expect(listAnchors(markdown)).toEqual(["a-title", "whats-new"]);
    expect(findLostLinks(markdown, ["a-title", "spending"])).toEqual(["#absent is no heading", "#spending is no heading"]);
  });

  test("finds what is there", () => {
    expect(findLostResources("`$(output data Url)` named data DynamoDB::Table LookupsA", assembly)).toEqual([]);
  });
});
