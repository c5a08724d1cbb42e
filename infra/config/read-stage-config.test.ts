import { expect, it } from "vitest";
import { readStageConfig } from "./read-stage-config.ts";
import { stages } from "./stages.ts";

type Context = Readonly<Record<string, unknown>>;

const read = (context: Context) => readStageConfig((key) => context[key]);

it.each(["dev", "prod", "local"] as const)("takes %s as it is committed", (stage) => {
  expect(read({ stage })).toEqual(stages[stage]);
});

it("takes every switch from the context, where all is text", () => {
  const context = {
    stage: "dev",
    region: "eu-central-1",
    egress: "nat",
    cache: "redis",
    acu: "0.5-8",
    readers: "2",
    registration: "open",
    waf: "true",
    retain: "true",
    logDays: "30",
    reservedConcurrency: "true",
    model: "openai:gpt-6-sol",
    openAiBaseUrl: "https://models.example/v1",
    alarmEmail: "ops@example.org",
  };

  expect(read(context)).toEqual({
    ...context,
    acu: { min: 0.5, max: 8 },
    readers: 2,
    waf: true,
    retain: true,
    logDays: 30,
    reservedConcurrency: true,
  });
});

const refused: readonly (readonly [string, Context, string])[] = [
  ["no stage", {}, "Say which stage: -c stage=dev, prod or local."],
  ["a stage that there is not", { stage: "staging" }, 'There is no stage "staging": it is dev, prod or local.'],
  ["a stage that is no text", { stage: true }, "There is no stage true: it is dev, prod or local."],
  ["no region", { stage: "dev", region: "" }, "The stage dev has no region: give one, such as -c region=us-east-1."],
  ["what is no region", { stage: "dev", region: "us-east-1a" }, '"us-east-1a" is not the name of a region: one looks like us-east-1.'],
  [
    "a region whose databases cannot prove themselves",
    { stage: "dev", region: "mx-central-1" },
    "The certificates of the databases in mx-central-1 are not known here: choose a region of infra/config/database-regions.ts, such as us-east-1.",
  ],
  ["another way out", { stage: "dev", egress: "proxy" }, 'The switch egress is "proxy"; it is ipv6, endpoints or nat.'],
  ["another cache", { stage: "dev", cache: "memcached" }, 'The switch cache is "memcached"; it is valkey, redis or dynamodb.'],
  ["capacity as one number", { stage: "dev", acu: "4" }, 'The switch acu is "4"; it is two numbers of capacity units, such as 0.5-8.'],
  [
    "capacity as words",
    { stage: "dev", acu: "low-high" },
    'The switch acu is "low-high"; it is two numbers of capacity units, such as 0.5-8.',
  ],
  ["a count as a word", { stage: "dev", readers: "two" }, 'The switch readers is "two"; it is a number.'],
  ["yes for true", { stage: "dev", waf: "yes" }, 'The switch waf is "yes"; it is true or false.'],
  [
    "a database that shrinks upwards",
    { stage: "dev", acu: "8-4" },
    "The database cannot shrink to 8 capacity units and grow to 4: raise acu.max or lower acu.min.",
  ],
  [
    "a third of a unit",
    { stage: "dev", acu: "0.3-4" },
    "Aurora counts capacity in halves, acu.max from 1 to 256: 0.3-4 is not such a range.",
  ],
  [
    "half a unit at most",
    { stage: "dev", acu: "0.5-0.5" },
    "Aurora counts capacity in halves, acu.max from 1 to 256: 0.5-0.5 is not such a range.",
  ],
  [
    "more than there is",
    { stage: "dev", acu: "1-512" },
    "Aurora counts capacity in halves, acu.max from 1 to 256: 1-512 is not such a range.",
  ],
  ["sixteen readers", { stage: "prod", readers: "16" }, "A cluster has 0 to 15 readers, not 16: change readers."],
  ["half a reader", { stage: "prod", readers: "0.5" }, "A cluster has 0 to 15 readers, not 0.5: change readers."],
  [
    "readers of a database that sleeps",
    { stage: "dev", readers: "1" },
    "A reader that sleeps stands by for nobody: set acu.min to 0.5 or more, or readers to 0.",
  ],
  [
    "logs for two days",
    { stage: "dev", logDays: "2" },
    "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days, not for 2: change logDays.",
  ],
  [
    "a model without its provider",
    { stage: "dev", model: "gpt-6" },
    'The model "gpt-6" is not of the form provider:model, such as openai:gpt-6-luna.',
  ],
  [
    "a server whose wire is in clear",
    { stage: "dev", openAiBaseUrl: "http://models.example/v1" },
    'openAiBaseUrl is "http://models.example/v1"; on AWS the key goes to an address that begins with https:// only.',
  ],
  [
    "a server without an address",
    { stage: "local", openAiBaseUrl: "models" },
    'openAiBaseUrl is "models"; write an address that begins with http:// or https://.',
  ],
  ["alarms for a name", { stage: "prod", alarmEmail: "ops" }, '"ops" is no address of mail: alarms would reach nobody.'],
  [
    "a prod that goes with its stack",
    { stage: "prod", retain: "false" },
    "prod keeps its data when its stack goes: leave retain at true, or try the switch in dev.",
  ],
  [
    "a firewall before an emulator",
    { stage: "local", waf: "true" },
    "An emulator has no firewall to put before the API: set waf to false in the stage local.",
  ],
  [
    "an emulator that retains",
    { stage: "local", retain: "true" },
    "What an emulator holds is gone when it stops: set retain to false in the stage local.",
  ],
  [
    "an emulator with a network",
    { stage: "local", egress: "nat" },
    "The stage local has no network of its own and the database and cache of the compose file: leave egress at ipv6, cache at valkey and readers at 0.",
  ],
];

it.each(refused)("refuses %s with one sentence that names the fix", (_case, context, sentence) => {
  expect(() => read(context)).toThrow(new Error(sentence));
});

it("tells of each of two faults", () => {
  expect(() => read({ stage: "prod", retain: "false", model: "gpt-6" })).toThrow(
    /^The model "gpt-6" is not of the form .* prod keeps its data when its stack goes: /,
  );
});
