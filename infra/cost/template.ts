import * as z from "zod";

const Resource = z.looseObject({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
export type Resource = z.infer<typeof Resource>;

/** A CloudFormation template, as far as its costs are concerned. */
export const Template = z.looseObject({ Resources: z.record(z.string(), Resource).default({}) });
export type Template = z.infer<typeof Template>;

/** Every resource of a type in one template. */
export function resourcesOfType({ Resources }: Template, type: string): readonly Resource[] {
  return Object.values(Resources).filter(({ Type }) => Type === type);
}
