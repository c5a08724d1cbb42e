import * as z from "zod";

const Healthcheck = z.strictObject({
  test: z.tuple([z.literal("CMD")], z.string()),
  interval: z.string(),
  timeout: z.string(),
  retries: z.int(),
});

/** Strict: what this schema does not know was never looked at, so it is refused. */
const Service = z.strictObject({
  image: z.string(),
  profiles: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal("service_healthy") })).default({}),
  healthcheck: Healthcheck.optional(),
});
type Service = z.infer<typeof Service>;

export const ComposeFile = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  networks: z.record(z.string(), z.strictObject({ name: z.string() })),
  volumes: z.record(z.string(), z.null()),
});
export type ComposeFile = z.infer<typeof ComposeFile>;

/** What would make a service unsafe, change under the reader's hands, or not start: each a sentence that begins with the service. */
export function findComposeFaults(file: ComposeFile): readonly string[] {
  return Object.entries(file.services).flatMap(([name, service]) => [
    ...listServiceFaults(service).map((fault) => `${name} ${fault}`),
    ...listMissingParts(service, file).map((missing) => `${name} uses ${missing}, which is declared nowhere`),
  ]);
}

function listServiceFaults({ image, ports, healthcheck, environment, profiles }: Service): string[] {
  const faults: string[] = [];
  if (!/:(?:\$\{\w+:-)?\d+\.\d+[\w.-]*\}?$/.test(image)) faults.push(`has an image without a version: ${image}`);
  for (const port of ports) if (!port.startsWith("127.0.0.1:")) faults.push(`listens beyond loopback: ${port}`);
  if (healthcheck === undefined) faults.push("has no health check, so nobody can wait for it");
  if (image.startsWith("localstack/") && !("LOCALSTACK_AUTH_TOKEN" in environment)) faults.push("is not given the token of its owner");
  if (image.startsWith("localstack/") && profiles === undefined) faults.push("starts without being asked for");
  return faults;
}

function listMissingParts({ volumes, networks, depends_on }: Service, file: ComposeFile): string[] {
  const named = volumes.map((volume) => volume.split(":", 1)[0] ?? "").filter((volume) => !volume.startsWith("/"));
  return [
    ...named.filter((volume) => !(volume in file.volumes)),
    ...networks.filter((network) => !(network in file.networks)),
    ...Object.keys(depends_on).filter((other) => !(other in file.services)),
  ];
}
