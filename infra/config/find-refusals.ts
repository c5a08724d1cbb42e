import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { databaseRegions } from "./database-regions.ts";
import type { StageConfig } from "./stage-config.ts";

type Refusal = { readonly isAt: (config: StageConfig) => boolean; readonly says: (config: StageConfig) => string };

const isHalves = (value: number) => Number.isInteger(value * 2);
const isRegion = (name: string) => /^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(name);
const isOnAws = ({ stage }: StageConfig) => stage !== "local";

/** Aurora's own limits, in capacity units. */
const LEAST_MAXIMUM = 1;
const MOST = 256;
const MOST_READERS = 15;

const logRetentions: readonly unknown[] = Object.values(RetentionDays).filter((days) => typeof days === "number" && days < 9_999);

/** What no stage may be, and what to do instead. */
const refusals: readonly Refusal[] = [
  {
    isAt: ({ region }) => region === "",
    says: ({ stage }) => `The stage ${stage} has no region: give one, such as -c region=us-east-1.`,
  },
  {
    isAt: ({ region }) => region !== "" && !isRegion(region),
    says: ({ region }) => `"${region}" is not the name of a region: one looks like us-east-1.`,
  },
  {
    isAt: (config) => isOnAws(config) && isRegion(config.region) && !databaseRegions.includes(config.region),
    says: ({ region }) =>
      `The certificates of the databases in ${region} are not known here: choose a region of infra/config/database-regions.ts, such as us-east-1.`,
  },
  {
    isAt: ({ acu }) => acu.min > acu.max,
    says: ({ acu }) => `The database cannot shrink to ${acu.min} capacity units and grow to ${acu.max}: raise acu.max or lower acu.min.`,
  },
  {
    isAt: ({ acu }) => !isHalves(acu.min) || !isHalves(acu.max) || acu.max < LEAST_MAXIMUM || acu.max > MOST,
    says: ({ acu }) =>
      `Aurora counts capacity in halves, acu.max from ${LEAST_MAXIMUM} to ${MOST}: ${acu.min}-${acu.max} is not such a range.`,
  },
  {
    isAt: ({ readers }) => !Number.isInteger(readers) || readers > MOST_READERS,
    says: ({ readers }) => `A cluster has 0 to ${MOST_READERS} readers, not ${readers}: change readers.`,
  },
  {
    isAt: ({ readers, acu }) => readers > 0 && acu.min === 0,
    says: () => "A reader that sleeps stands by for nobody: set acu.min to 0.5 or more, or readers to 0.",
  },
  {
    isAt: ({ logDays }) => !logRetentions.includes(logDays),
    says: ({ logDays }) => `CloudWatch keeps logs for ${logRetentions.join(", ")} days, not for ${logDays}: change logDays.`,
  },
  {
    isAt: ({ model }) => !/^[a-z][a-z0-9-]*:[\w.:/@-]{1,200}$/.test(model),
    says: ({ model }) => `The model "${model}" is not of the form provider:model, such as openai:gpt-6-luna.`,
  },
  {
    isAt: (config) => !isOnAws(config) && !isUrl(config.openAiBaseUrl, /^https?:$/),
    says: ({ openAiBaseUrl }) => `openAiBaseUrl is "${openAiBaseUrl}"; write an address that begins with http:// or https://.`,
  },
  {
    isAt: (config) => isOnAws(config) && !isUrl(config.openAiBaseUrl, /^https:$/),
    says: ({ openAiBaseUrl }) => `openAiBaseUrl is "${openAiBaseUrl}"; on AWS the key goes to an address that begins with https:// only.`,
  },
  {
    isAt: ({ alarmEmail }) => alarmEmail !== undefined && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(alarmEmail),
    says: ({ alarmEmail }) => `"${alarmEmail}" is no address of mail: alarms would reach nobody.`,
  },
  {
    isAt: ({ stage, retain }) => stage === "prod" && !retain,
    says: () => "prod keeps its data when its stack goes: leave retain at true, or try the switch in dev.",
  },
  {
    isAt: (config) => !isOnAws(config) && config.waf,
    says: () => "An emulator has no firewall to put before the API: set waf to false in the stage local.",
  },
  {
    isAt: (config) => !isOnAws(config) && config.retain,
    says: () => "What an emulator holds is gone when it stops: set retain to false in the stage local.",
  },
  {
    isAt: (config) => !isOnAws(config) && (config.egress !== "ipv6" || config.cache !== "valkey" || config.readers > 0),
    says: () =>
      "The stage local has no network of its own and the database and cache of the compose file: leave egress at ipv6, cache at valkey and readers at 0.",
  },
];

/** A sentence for each thing that a stage must not be, each with its fix. */
export function findRefusals(config: StageConfig): string[] {
  return refusals.filter(({ isAt }) => isAt(config)).map(({ says }) => says(config));
}

function isUrl(text: string | undefined, protocol: RegExp): boolean {
  return text === undefined || (URL.canParse(text) && protocol.test(new URL(text).protocol));
}
