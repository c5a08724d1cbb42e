import type { StageName } from "./config/stage-config.ts";

export const stackRoles = ["data", "app", "edge", "observability"] as const;
export type StackRole = (typeof stackRoles)[number];

/** The name of a stack, in CloudFormation and on the command line. */
export const nameStack = (stage: StageName, role: StackRole): string => `cognition-${stage}-${role}`;
