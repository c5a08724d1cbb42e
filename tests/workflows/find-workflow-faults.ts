import * as z from "zod";

const Permissions = z.record(z.string(), z.enum(["read", "write", "none"]));

const Step = z.strictObject({
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  run: z.string().optional(),
});

const Job = z.looseObject({
  needs: z.array(z.string()).default([]),
  if: z.string().default(""),
  environment: z.string().optional(),
  permissions: Permissions.default({}),
  steps: z.array(Step),
});
type Job = z.infer<typeof Job>;

export const Workflow = z.looseObject({
  on: z.record(z.string(), z.unknown()),
  permissions: Permissions,
  defaults: z.strictObject({ run: z.strictObject({ shell: z.string() }) }),
  jobs: z.record(z.string(), Job),
});
export type Workflow = z.infer<typeof Workflow>;

const ONLY_MAIN = "github.event_name == 'push' && github.ref == 'refs/heads/main'";

/** What would run code that nobody chose, give a job more than it needs, or fail for a command that does not exist: each a sentence. */
export function findWorkflowFaults(workflow: Workflow, text: string, scripts: readonly string[]): readonly string[] {
  const jobs = Object.entries(workflow.jobs);
  return [
    ...(JSON.stringify(workflow.permissions) === '{"contents":"read"}' ? [] : ["the workflow may do more than read"]),
    ...("pull_request_target" in workflow.on ? ["code of strangers runs with the repository's rights"] : []),
    // Without the option, GitHub's shell does not notice a failure in a pipe.
    ...(workflow.defaults.run.shell === "bash" ? [] : ["a failure in a pipe is not noticed"]),
    ...jobs.flatMap(([name, job]) => [...listJobFaults(job), ...listRights(job)].map((fault) => `${name} ${fault}`)),
    ...jobs.flatMap(([name, job]) => listMissing(job, scripts, workflow.jobs).map((missing) => `${name} needs ${missing}`)),
    ...[...text.matchAll(/uses: (\S+)(.*)/g)]
      .filter(([, , note]) => !/ # v\d+\.\d+\.\d+$/.test(note ?? ""))
      .map(([line]) => `"${line}" does not say its version`),
  ];
}

function listJobFaults({ steps }: Job): string[] {
  return steps.flatMap(({ uses, with: given, run = "" }) => [
    ...(uses !== undefined && !/@[0-9a-f]{40}$/.test(uses) ? [`uses ${uses}, which somebody else can change`] : []),
    ...(uses?.startsWith("actions/checkout@") === true && given["persist-credentials"] !== false
      ? ["leaves its token in the checkout"]
      : []),
    ...(/\$\{\{/.test(run) ? [`runs what it is told in a command: ${run.split("\n", 1)[0]}`] : []),
    ...(/\bnpm (?:i|install)\b/.test(run) ? ["installs what the lock file does not say"] : []),
  ]);
}

/** Only a job that deploys main may ask for AWS's credentials, and GitHub asks for its environment's consent first. */
function listRights({ permissions, environment, needs, if: condition, steps }: Job): string[] {
  const rights = Object.entries(permissions).filter(([name, right]) => right === "write" && name !== "id-token");
  const takesCredentials = permissions["id-token"] === "write";
  const deploys = steps.some(({ run = "" }) => /\bcdk deploy\b/.test(run));
  return [
    ...rights.map(([name]) => `may write ${name}`),
    ...(takesCredentials !== deploys ? ["has credentials without deploying, or deploys without"] : []),
    ...(takesCredentials && (environment === undefined || condition !== ONLY_MAIN)
      ? ["deploys something else than main to an environment"]
      : []),
    ...(deploys && needs.length === 0 ? ["deploys what nobody checked"] : []),
  ];
}

function listMissing({ needs, steps }: Job, scripts: readonly string[], jobs: Workflow["jobs"]): string[] {
  const commands = steps.flatMap(({ run = "" }) => [...run.matchAll(/\bnpm (?:run (?:--?[\w-]+ )*([\w:-]+)|(test))\b/g)]);
  const named = commands.flatMap(([, run, test]) => run ?? test ?? []);
  return [
    ...named.filter((script) => !scripts.includes(script)).map((script) => `npm run ${script}, which does not exist`),
    ...needs.filter((other) => !(other in jobs)).map((other) => `the job ${other}, which does not exist`),
  ];
}
