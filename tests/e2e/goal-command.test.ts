import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { GoalReport } from "../../cli/report.ts";
import type { Api } from "./api.ts";
import { killAll, reach, startDev } from "./dev-process.ts";
import { holdBack } from "./hold-back.ts";
import { runCommand, startCommand } from "./run-command.ts";
import { type Model, startModel } from "./start-model.ts";

/** Holds the folder of the server that the tests share, and files to give. */
let home = "";
let api: Api;
let model: Model;
const inHome = (name: string): string => path.join(home, name);

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "cognition-command-"));
  mkdirSync(inHome("other"));
  for (const name of ["penguins.csv", "other/penguins.csv"])
    writeFileSync(inHome(name), "species,mass\nAdelie,3700\nGentoo,5000\nAdelie,3600\n");
  writeFileSync(inHome("größe.csv"), "a\n1\n");
  model = await startModel();
  api = await reach(startDev(inHome("state")));
}, 60_000);
afterAll(async () => {
  await killAll();
  await model.close();
  rmSync(home, { recursive: true, force: true });
});

const goal = (...args: string[]) => runCommand(inHome("state"), ["goal", ...args]);
/** The one document on standard output. */
const readReport = (stdout: string): GoalReport => {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  return z.strictObject(GoalReport.shape).parse(JSON.parse(stdout));
};

describe("npm run goal", () => {
  test("hands its goal to a server that runs, tells how it goes, and prints one document", async () => {
    const text = "1. Read penguins.csv. 2. Using step 1, compute the mean mass per species. 3. Using step 2, write a report to report.md";

    const { code, stdout, stderr } = await goal(
      text,
      "--file",
      inHome("penguins.csv"),
      "--out",
      inHome("out/deep"),
      "--budget",
      "0.5",
      "--json",
    );

    const report = readReport(stdout);
    expect({ code, status: report.status, error: report.error }).toEqual({ code: 0, status: "completed", error: undefined });
    expect(report.tasks.map(({ ordinal, status, depends_on, attempts }) => ({ ordinal, status, depends_on, attempts }))).toEqual([
      { ordinal: 1, status: "completed", depends_on: [], attempts: 1 },
      { ordinal: 2, status: "completed", depends_on: [1], attempts: 1 },
      { ordinal: 3, status: "completed", depends_on: [2], attempts: 1 },
    ]);
    expect(report.budget).toEqual({ limit_usd: "0.5", spent_usd: "0", held_usd: "0" });
    expect(report.usage).toMatchObject([{ model: "offline-rules-v1", cost_usd: "0" }]);
    expect(report.memories).toHaveLength(1);
    expect(report.files.map((file) => file.path)).toEqual(["penguins.csv", "report.md"]);
    for (const { path: name, bytes } of report.files) expect(readFileSync(inHome(`out/deep/${name}`))).toHaveLength(bytes);
    expect(readFileSync(inHome("out/deep/report.md"), "utf8")).toMatch(/Adelie \| 3650/);
    expect(stderr.split("\n").filter((line) => line.startsWith("✓"))).toHaveLength(6);
    expect(stderr).toMatch(/^run completed$/m);
    expect((await api.call("GET", `/v1/runs/${report.run_id}`)).body).toMatchObject({ status: "completed" });
  });

  test("that fails says why, and answers 1", async () => {
    const { code, stdout, stderr } = await goal("1. Compute 6 * 7. 2. Paint a picture of the sea.", "--json");

    const report = readReport(stdout);
    expect({ code, status: report.status }).toEqual({ code: 1, status: "failed" });
    expect(report.error?.code).toBe("unsupported_offline");
    expect(report.tasks.map(({ status }) => status)).toEqual(["completed", "failed"]);
    expect(report.tasks[1]?.error?.code).toBe("unsupported_offline");
    expect(stderr).toMatch(/^✗ 2 .*unsupported_offline/m);
  });

  test("without --json prints what a person wants to know", async () => {
    const { code, stdout } = await goal("1. Compute 6 * 7");

    expect(code).toBe(0);
    expect(stdout).toContain("42");
    expect(stdout).toMatch(/^offline-rules-v1: \d+ calls, \$0$/m);
  });
});

describe("a wrong use", () => {
  test.for<[string, () => string[], RegExp]>([
    ["no goal", () => [], /^There is no goal\.\nUsage: /],
    ["a missing file", () => ["x", "--file", inHome("nothing.csv")], /^\S+nothing\.csv is not a file\.\n$/],
    [
      "two files of one name",
      () => ["x", "--file", inHome("penguins.csv"), "--file", inHome("other/penguins.csv")],
      /^Two files are named penguins\.csv\.\n$/,
    ],
    [
      "a name that a workspace does not take",
      () => ["x", "--file", inHome("größe.csv")],
      /^A file cannot be named größe\.csv here: .+\.\n$/,
    ],
    ["a file where a folder is meant", () => ["x", "--out", inHome("penguins.csv")], /^\S+penguins\.csv is not a folder\.\n$/],
    ["a goal without end", () => ["x".repeat(20_001)], /^[^\n]*#\/goal: [^\n]*\n$/],
  ])("is refused with a line and 2: %s", async ([, args, line]) => {
    const { code, stdout, stderr } = await goal(...args());

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(line);
  });
});

describe("a folder and a port", () => {
  test("that a server holds are refused to others with one line", async () => {
    const { url } = z.object({ url: z.url() }).parse(JSON.parse(readFileSync(inHome("state/server.json"), "utf8")));
    const free = inHome("free");

    const [second, reset, port] = await Promise.all([
      runCommand(inHome("state"), ["dev"], { PORT: "0" }),
      runCommand(inHome("state"), ["reset"]),
      runCommand(free, ["dev"], { PORT: new URL(url).port }),
    ]);

    expect(second).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^\S+ is held by process \d+: stop that process first\n$/),
    });
    expect(reset).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^\S+ is in use by process \d+: stop it first\.\n$/),
    });
    expect(port).toEqual({ code: 2, stdout: "", stderr: `Port ${new URL(url).port} is in use: set PORT to another one.\n` });
    expect((await api.call("GET", "/health")).status).toBe(200);
  });

  test("that is held by one who does not say where it listens is refused too", async () => {
    renameSync(inHome("state/server.json"), inHome("hidden.json"));
    try {
      expect(await goal("1. Compute 1 + 1", "--json")).toEqual({
        code: 2,
        stdout: "",
        stderr: expect.stringMatching(/^\S+ is held by process \d+: stop that process first\n$/),
      });
    } finally {
      renameSync(inHome("hidden.json"), inHome("state/server.json"));
    }
  });

  test("with a port that is none is refused", async () => {
    const { code, stderr } = await runCommand(inHome("free"), ["dev"], { PORT: "65536" });

    expect({ code, stderr }).toEqual({ code: 2, stderr: "Usage: npm run dev (PORT=0..65535 says where)\n" });
    expect(existsSync(inHome("free/server.json"))).toBe(false);
  });
});

describe("a goal without a server", () => {
  test("is cancelled by Ctrl-C, and nothing goes on spending", async () => {
    const call = holdBack("executor");
    model.play(call.script);
    const command = startCommand(inHome("own"), ["goal", "What is six times seven?", "--json"], { ...model.settings, LOG_LEVEL: "debug" });
    await Promise.race([call.asked, command.ended]);

    command.interrupt();
    const { code, stdout, stderr } = await command.ended;
    call.release();

    const report = readReport(stdout);
    expect({ code, status: report.status }).toEqual({ code: 1, status: "cancelled" });
    expect(report.tasks.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    expect(stderr).toContain("Cancelling…\n");
    expect(stderr).toMatch(/^run cancelled$/m);
    expect(model.recent()).toHaveLength(2);
  });

  test("stops where its budget ends, and says how to go on", async () => {
    model.play();

    const { code, stdout, stderr } = await runCommand(
      inHome("own"),
      ["goal", "What is six times seven?", "--budget", "0.000001", "--json"],
      model.settings,
    );

    const report = readReport(stdout);
    expect({ code, status: report.status }).toEqual({ code: 1, status: "paused" });
    expect(report.budget).toEqual({ limit_usd: "0.000001", spent_usd: "0", held_usd: "0" });
    expect(stderr).toContain(`POST /v1/runs/${report.run_id}/resume`);
    expect(model.recent()).toEqual([]);
  });

  test("is refused where a model's settings are wrong", async () => {
    const { code, stderr } = await runCommand(inHome("own"), ["goal", "x"], { OPENAI_BASE_URL: model.baseUrl });

    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "OPENAI_BASE_URL needs OPENAI_API_KEY; a server that checks no key takes any text\n",
    });
  });
});
