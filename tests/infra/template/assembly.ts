import { readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";

/** A resource of a template, as far as every kind has it. */
export const Resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  Metadata: z.record(z.string(), z.unknown()).optional(),
});

const Output = z.looseObject({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() });

export const Template = z.looseObject({
  Resources: z.record(z.string(), Resource),
  Outputs: z.record(z.string(), Output).default({}),
  Parameters: z.record(z.string(), z.looseObject({ Default: z.unknown().optional() })).default({}),
});

const StackArtifact = z.looseObject({
  type: z.literal("aws:cloudformation:stack"),
  displayName: z.string().optional(),
  properties: z.looseObject({
    templateFile: z.string(),
    stackName: z.string().optional(),
    terminationProtection: z.boolean().default(false),
    tags: z.record(z.string(), z.string()).default({}),
  }),
});

const Manifest = z.looseObject({
  artifacts: z.record(z.string(), z.looseObject({ type: z.string() })),
  missing: z.array(z.unknown()).default([]),
});

export type Stack = {
  readonly name: string;
  readonly template: z.infer<typeof Template>;
  readonly isProtected: boolean;
  readonly tags: Readonly<Record<string, string>>;
};

/** What one stage was synthesised to. */
export type Assembly = {
  readonly stage: string;
  readonly stacks: readonly Stack[];
  /** Look-ups in an account that CDK would have needed. */
  readonly missing: readonly unknown[];
  /** Names of docker images that would have to be built. */
  readonly images: readonly string[];
};

/** @param folder a cloud assembly, as CDK writes it */
export function readAssembly(folder: string, stage: string): Assembly {
  const read = (file: string): unknown => JSON.parse(readFileSync(path.join(folder, file), "utf8"));
  const { artifacts, missing } = Manifest.parse(read("manifest.json"));
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  const assets = Object.values(artifacts).filter(({ type }) => type === "cdk:asset-manifest");
  return {
    stage,
    missing,
    stacks: stacks.map(([id, artifact]) => {
      const { properties } = StackArtifact.parse(artifact);
      const { stackName, templateFile, terminationProtection, tags } = properties;
      return { name: stackName ?? id, template: Template.parse(read(templateFile)), isProtected: terminationProtection, tags };
    }),
    images: assets.flatMap((artifact) => listImages(read(AssetArtifact.parse(artifact).properties.file))),
  };
}

const AssetArtifact = z.looseObject({ properties: z.looseObject({ file: z.string() }) });
const AssetManifest = z.looseObject({ dockerImages: z.record(z.string(), z.unknown()).default({}) });

function listImages(manifest: unknown): string[] {
  return Object.keys(AssetManifest.parse(manifest).dockerImages);
}
