import { callToolThenSucceed, planOf, type Script, succeedWith } from "../../world/scripted-hands.ts";

/** Four tasks: two at once, then two in a row; those without parents call a tool first. */
export const killScript: Script = {
  plan: planOf({ a: [], b: [], c: ["a", "b"], d: ["c"] }),
  executor: (call) => (call.inputs.length > 0 ? succeedWith("joined") : callToolThenSucceed(call)),
};

/** Recall, plan, two tasks of two calls and a tool, two of one call, review and summary. */
export const EFFECTS_OF_A_RUN = 12;
/** Those of them that a model answers, and is paid for. */
export const MODEL_CALLS_OF_A_RUN = 9;

/** Nano-dollars: what is held for each call of a model, and what it then costs. */
export const CALL_WORST = 100n;
export const CALL_COST = 60n;
