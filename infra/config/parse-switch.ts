import * as z from "zod";
import { StageConfig } from "./stage-config.ts";

export type Switch = Exclude<keyof StageConfig, "stage">;

const { shape } = StageConfig;
const isTrue = z.enum(["true", "false"]).transform((text) => text === "true");
const digits = z
  .string()
  .regex(/^\d+(?:\.\d+)?$/)
  .transform(Number);
const range = z.templateLiteral([z.number(), "-", z.number()]).transform((text) => {
  const [min = Number.NaN, max = Number.NaN] = text.split("-").map(Number);
  return { min, max };
});

/** How a switch is written after `-c`, where everything is text. */
const forms: { readonly [Key in Switch]: { readonly schema: z.ZodType<StageConfig[Key]>; readonly form: string } } = {
  region: { schema: shape.region, form: "the name of a region" },
  egress: { schema: shape.egress, form: "ipv6, endpoints or nat" },
  cache: { schema: shape.cache, form: "valkey, redis or dynamodb" },
  acu: { schema: range, form: "two numbers of capacity units, such as 0.5-8" },
  readers: { schema: digits, form: "a number" },
  registration: { schema: shape.registration, form: "first or open" },
  waf: { schema: isTrue, form: "true or false" },
  retain: { schema: isTrue, form: "true or false" },
  logDays: { schema: digits, form: "a number of days" },
  reservedConcurrency: { schema: isTrue, form: "true or false" },
  model: { schema: shape.model, form: "a model, such as openai:gpt-6-luna" },
  openAiBaseUrl: { schema: shape.openAiBaseUrl, form: "the address of a server" },
  alarmEmail: { schema: shape.alarmEmail, form: "an address of mail" },
};

export const switches: readonly Switch[] = StageConfig.keyof()
  .exclude(["stage"])
  .options.filter((name) => Object.hasOwn(forms, name));

/**
 * What a switch is set to.
 * @throws Error with a sentence that names the form it has
 */
export function parseSwitch(name: Switch, given: unknown): StageConfig[Switch] {
  const parsed = forms[name].schema.safeParse(String(given));
  if (parsed.success) return parsed.data;
  throw new Error(`The switch ${name} is "${String(given)}"; it is ${forms[name].form}.`);
}
