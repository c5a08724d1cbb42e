import type { StageConfig } from "../../../infra/config/stage-config.ts";
import type { RuleName } from "../rules/rules.ts";
import type { Draft } from "./draft.ts";

/** One mistake in what is synthesised that a rule must notice. */
export type Mutation = {
  readonly rule: RuleName;
  /** The mistake, in the words of whoever makes it. */
  readonly mistake: string;
  /** Where it can be made; prod has all that dev has and more. */
  readonly stage?: StageConfig["stage"];
  readonly make: (draft: Draft) => void;
};
