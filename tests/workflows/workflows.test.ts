import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import packageFile from "../../package.json" with { type: "json" };
import { readRepositoryFile } from "../architecture/source-file.ts";
import { findWorkflowFaults, Workflow } from "./find-workflow-faults.ts";

const scripts = Object.keys(packageFile.scripts);
const text = readRepositoryFile(".github/workflows/ci.yml");
const judge = (changed: string) => findWorkflowFaults(Workflow.parse(parse(changed)), changed, scripts);

describe(".github/workflows/ci.yml", () => {
  test("runs commands that exist, by actions that nobody can change, with no more rights than each job needs", () => {
    expect(judge(text)).toEqual([]);
  });

  test("checks, tests on both versions of Node, tests real services and synthesises before anything is deployed, and dev before prod", () => {
    const { jobs } = Workflow.parse(parse(text));
    const commands = (name: string) => jobs[name]?.steps.flatMap(({ run = [] }) => run);

    expect(commands("check")).toContain("npm run check");
    expect(commands("test")).toContain("npm test");
    expect(commands("services")).toEqual(expect.arrayContaining(["npm run test:services", "npm run test:parity"]));
    expect(commands("synth")).toContain("npm run synth");
    expect(jobs["test"]).toMatchObject({ strategy: { matrix: { node: [20.19, 24] } } });
    expect(jobs["deploy-dev"]?.needs).toEqual(["check", "test", "services", "synth"]);
    expect(jobs["deploy-prod"]?.needs).toEqual(["deploy-dev"]);
  });

  test("starts the services that its tests are told of", () => {
    expect(text).toContain("DATABASE_URL: postgres://cognition:cognition@127.0.0.1:5432/cognition");
    expect(text).toContain("docker compose --file docker-compose.local.yml up --detach --wait");
  });
});

describe("a workflow is refused when", () => {
  const sha = "11bd71901bbe5b1630ceea73d27597364c9af683";

  test.each<[string, string, string, string]>([
    [
      "an action is named by what can be moved",
      `checkout@${sha}`,
      "checkout@v4",
      "uses actions/checkout@v4, which somebody else can change",
    ],
    ["an action does not say its version", ` # v4.0.2`, "", "does not say its version"],
    ["a script does not exist", "npm run check", "npm run chekc", "check needs npm run chekc, which does not exist"],
    ["it may write", "permissions:\n  contents: read\n", "permissions:\n  contents: write\n", "the workflow may do more than read"],
    ["strangers' code runs with rights", "  pull_request:\n", "  pull_request_target:\n", "code of strangers"],
    ["a pipe may fail unnoticed", "shell: bash", "shell: sh", "a failure in a pipe"],
    ["a job that deploys asks nobody", "    environment: prod\n", "", "deploy-prod deploys something else than main to an environment"],
    [
      "pull requests are deployed",
      "github.event_name == 'push' && github.ref == 'refs/heads/main'",
      "always()",
      "deploys something else than main",
    ],
    ["unchecked code is deployed", "needs: [check, test, services, synth]", "needs: []", "deploy-dev deploys what nobody checked"],
    ["a job waits for none", "needs: [deploy-dev]", "needs: [absent]", "deploy-prod needs the job absent"],
    ["a checkout keeps its token", "persist-credentials: false", "persist-credentials: true", "leaves its token"],
    ["a value is pasted into a command", '"$AWS_REGION"', "${{ vars.AWS_REGION }}", "runs what it is told in a command"],
    ["the lock file is passed over", "npm ci", "npm install", "installs what the lock file does not say"],
    [
      "a job that checks takes credentials",
      "  synth:\n",
      "  synth:\n    permissions: { id-token: write }\n",
      "synth has credentials without deploying",
    ],
  ])("%s", (_what, from, to, fault) => {
    expect(text).toContain(from);
    expect(judge(text.replaceAll(from, to))).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });
});
