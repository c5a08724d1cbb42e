import type { StageConfig } from "./config/stage-config.ts";
import type { StackRole } from "./stack-names.ts";

export type Acknowledgement = {
  /** The stack, and the path of a construct in it; what lies below is acknowledged with it. */
  readonly at: StackRole | `${StackRole}/${string}`;
  /** As the report of `npm run synth` names it, finding and all; `…` stands for any text. */
  readonly rule: string;
  /** Why it is right as it is. */
  readonly reason: string;
  /** Stages that have it; all when absent. */
  readonly when?: (config: StageConfig) => boolean;
};

/** What a rule says and we have decided otherwise. Every other finding of a rule stops the synthesis. */
export const acknowledgements: readonly Acknowledgement[] = [
  {
    at: "data/Database/Cluster",
    rule: "AwsSolutions::AwsSolutions-RDS10",
    reason: "A stage that does not retain its data is there to be thrown away; its stack must go by one command.",
    when: ({ retain }) => !retain,
  },
  {
    at: "data/Workspaces",
    rule: "AwsSolutions::AwsSolutions-S1",
    reason:
      "Roles say who reads and writes; an account that wants each access has CloudTrail's data events. Access logs would hold keys of tenants, for ever.",
  },
  {
    at: "data/JwtKeys",
    rule: "AwsSolutions::AwsSolutions-SMG4",
    reason: "It is rotated: its schedule stands in the app stack, beside the function that rotates it.",
  },
  {
    at: "data/OpenAiKey",
    rule: "AwsSolutions::AwsSolutions-SMG4",
    reason: "Only the vendor makes such a key. docs/deploy.md says how to change it; workers read the new one within minutes.",
  },
  {
    at: "app",
    rule: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    reason:
      "X-Ray, the interfaces of a VPC and the delivery of a state machine's logs know no resource. tests/infra/rules/roles.ts lists these actions and refuses every other one on everything.",
  },
  ...["OrchestratorConductorRole", "OrchestratorHttpRole", "PlannerHttpRole"].map(
    (role) =>
      ({
        at: `app/${role}`,
        rule: "AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:states:…:execution:…:*]",
        reason: "Executions of our one machine: each has a name of its own, made when its run begins.",
      }) as const,
  ),
  ...["PlannerHttpRole", "ToolRunnerToolWorkerRole"].map(
    (role) =>
      ({
        at: `app/${role}`,
        rule: "AwsSolutions::AwsSolutions-IAM5[Resource::…/workspaces/*]",
        reason: "Files of runs, whose keys are made while runs go on. Nothing else of the bucket is below workspaces/.",
      }) as const,
  ),
  {
    at: "app/Run/Machine",
    rule: "AwsSolutions::AwsSolutions-SF1",
    reason: "Each run keeps its own log of events. Errors of the machine are logged; its other transitions would only be paid for twice.",
  },
  {
    at: "app/Api/Api/Resource",
    rule: "AwsSolutions::AwsSolutions-APIG2",
    reason: "Handlers check every part of a request by the schemas of the contract, and name each fault; API Gateway would say less.",
  },
  {
    at: "app/Api/Logging/Role",
    rule: "AwsSolutions::AwsSolutions-IAM5[Resource::arn:aws:logs:…:log-group:*]",
    reason: "One role lets API Gateway log for every API of the account and region: AWS knows no narrower setting.",
  },
  {
    at: "app/Api/Api/DeploymentStage.live",
    rule: "AwsSolutions::AwsSolutions-APIG3",
    reason: "The switch `waf` is off in this stage: a firewall costs more than the rest of it. Throttling bounds what anybody can cause.",
    when: ({ waf }) => !waf,
  },
  {
    at: "app/Api/Api/DeploymentStage.live",
    rule: "AwsSolutions::AwsSolutions-APIG3",
    reason: "The firewall and its place before this stage stand in the edge stack, where the rule does not look.",
    when: ({ waf }) => waf,
  },
  {
    at: "edge/Dashboard",
    rule: "AwsSolutions::AwsSolutions-S1",
    reason: "Public files of a build that only the distribution can read.",
  },
  {
    at: "edge/FrontDoor/Distribution",
    rule: "AwsSolutions::AwsSolutions-CFR1",
    reason: "Its users may be anywhere; who may call is decided by their credentials.",
  },
  {
    at: "edge/FrontDoor/Distribution",
    rule: "AwsSolutions::AwsSolutions-CFR2",
    reason: "The firewall stands before the API's stage, which is also reached past the distribution; what is left here are static files.",
  },
  {
    at: "edge/FrontDoor/Distribution",
    rule: "AwsSolutions::AwsSolutions-CFR3",
    reason: "Calls are logged by API Gateway without what was asked; loads of static files are not worth keeping addresses for.",
  },
  {
    at: "edge/FrontDoor/Distribution",
    rule: "AwsSolutions::AwsSolutions-CFR4",
    reason: "CloudFront ignores the setting for its own certificate and name. With an own domain, set the minimum to TLSv1.2_2021.",
  },
];
