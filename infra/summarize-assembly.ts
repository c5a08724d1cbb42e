import { readFileSync } from "node:fs";
import { basename } from "node:path";
import * as z from "zod";

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).optional() })),
});
const Paths = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** A path may also hold what answers every other method; that is no route. */
const METHODS = ["get", "post", "put", "patch", "delete"];

type StackSummary = {
  readonly name: string;
  readonly resources: number;
  readonly functions: number;
  readonly routes: number;
  readonly alarms: number;
  readonly queues: number;
  /** Of the template without spaces; CloudFormation takes 1,000. */
  readonly kilobytes: number;
};

/** What stands in each template, by its file. */
export function summarizeTemplates(files: readonly string[]): StackSummary[] {
  return files.map((file) => {
    const json: unknown = JSON.parse(readFileSync(file, "utf8"));
    const resources = Object.values(Template.parse(json).Resources);
    const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
    return {
      name: basename(file, ".template.json"),
      resources: resources.length,
      functions: count("AWS::Lambda::Function"),
      routes: resources.reduce((sum, { Properties }) => sum + countRoutes(Properties?.["Body"]), 0),
      alarms: count("AWS::CloudWatch::Alarm"),
      queues: count("AWS::SQS::Queue"),
      kilobytes: Math.ceil(JSON.stringify(json).length / 1_000),
    };
  });
}

/** A table of the stacks of one stage and their sums. */
export function formatSummary(stage: string, stacks: readonly StackSummary[], seconds: number): string {
  const columns = ["resources", "functions", "routes", "alarms", "queues", "kilobytes"] as const;
  const sum = (column: (typeof columns)[number]) => stacks.reduce((total, stack) => total + stack[column], 0);
  const head = [stage.padEnd(30), ...columns.map((column) => column.padStart(10))].join("");
  const lines = stacks.map((stack) => [stack.name.padEnd(30), ...columns.map((column) => String(stack[column]).padStart(10))].join(""));
  const last = [
    `${stacks.length} stacks, ${seconds.toFixed(1)} s`.padEnd(30),
    ...columns.map((column) => String(sum(column)).padStart(10)),
  ];
  return [head, ...lines, last.join("")].join("\n");
}

function countRoutes(body: unknown): number {
  const parsed = Paths.safeParse(body);
  if (!parsed.success) return 0;
  return Object.values(parsed.data.paths).reduce(
    (sum, methods) => sum + METHODS.filter((method) => Object.hasOwn(methods, method)).length,
    0,
  );
}
