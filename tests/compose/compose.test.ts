import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readRepositoryFile } from "../architecture/source-file.ts";
import { ComposeFile, findComposeFaults } from "./find-compose-faults.ts";

const read = () => ComposeFile.parse(parse(readRepositoryFile("docker-compose.local.yml")));

describe("docker-compose.local.yml", () => {
  const file = read();

  test("has versions, health checks and loopback ports, and names nothing that it does not declare", () => {
    expect(findComposeFaults(file)).toEqual([]);
  });

  test("starts PostgreSQL 17 with pgvector, and Valkey, and LocalStack only on request", () => {
    const always = Object.values(file.services).filter(({ profiles }) => profiles === undefined);

    expect(always.map(({ image }) => image)).toEqual([
      expect.stringMatching(/^pgvector\/pgvector:0\.8\.\d+-pg17$/),
      expect.stringMatching(/^valkey\/valkey:8\./),
    ]);
    expect(file.services["localstack"]).toMatchObject({ image: "localstack/localstack:${LOCALSTACK_TAG:-4.14.0}", profiles: ["aws"] });
  });
});

describe("a service is refused when it", () => {
  type Services = ComposeFile["services"];
  const change = (name: string, part: Partial<Services[string]>) => {
    const file = read();
    const service = file.services[name];
    if (service === undefined) throw new Error(`there is no ${name}`);
    return { ...file, services: { ...file.services, [name]: { ...service, ...part } } };
  };

  test.each([
    ["has no version", "postgres", { image: "pgvector/pgvector" }, "has an image without a version"],
    ["has whatever is newest", "valkey", { image: "valkey/valkey:latest" }, "has an image without a version"],
    ["can be reached by neighbours", "postgres", { ports: ["5432:5432"] }, "listens beyond loopback"],
    ["cannot be waited for", "valkey", { healthcheck: undefined }, "has no health check"],
    ["gets no token", "localstack", { environment: {} }, "is not given the token"],
    ["starts an emulator for everybody", "localstack", { profiles: undefined }, "starts without being asked for"],
    ["keeps data nowhere", "postgres", { volumes: ["absent:/data"] }, "uses absent"],
    ["waits for nobody", "localstack", { depends_on: { absent: { condition: "service_healthy" as const } } }, "uses absent"],
  ])("%s", (_what, name, part, fault) => {
    expect(findComposeFaults(change(name, part))).toEqual([expect.stringContaining(`${name} ${fault}`)]);
  });
});
