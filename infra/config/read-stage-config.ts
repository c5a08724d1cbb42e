import { findRefusals } from "./find-refusals.ts";
import { parseSwitch, switches } from "./parse-switch.ts";
import { StageConfig, type StageName } from "./stage-config.ts";
import { stages } from "./stages.ts";

/**
 * The stage that the context names, with the switches that the context sets.
 * @throws Error with a sentence for each fault, which names the fix
 */
export function readStageConfig(getContext: (key: string) => unknown): StageConfig {
  const set = switches.flatMap((name) => {
    const given = getContext(name);
    return given === undefined ? [] : [[name, parseSwitch(name, given)]];
  });
  const config = StageConfig.parse({ ...stages[findStage(getContext("stage"))], ...Object.fromEntries(set) });
  const refusals = findRefusals(config);
  if (refusals.length > 0) throw new Error(refusals.join(" "));
  return config;
}

function findStage(name: unknown): StageName {
  const parsed = StageConfig.shape.stage.safeParse(name);
  if (parsed.success) return parsed.data;
  const known = "dev, prod or local";
  throw new Error(
    name === undefined ? `Say which stage: -c stage=${known}.` : `There is no stage ${JSON.stringify(name)}: it is ${known}.`,
  );
}
