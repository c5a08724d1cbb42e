import type { StageName } from "./config/stage-config.ts";

export type StackRole = "data" | "app" | "edge" | "observability";

/** The name of a stack, in CloudFormation and on the command line. */
export const nameStack = (stage: StageName, role: StackRole): string => `cognition-${stage}-${role}`;
