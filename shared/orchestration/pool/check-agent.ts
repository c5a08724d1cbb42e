import * as z from "zod";
import { ModelName } from "../../llm/contracts/model-name.ts";
import { listModels } from "../../llm/list-models.ts";
import { readEnv } from "../../platform/config/env.ts";
import { AppError, invalidRequest } from "../../platform/errors.ts";
import { getPrompt } from "../../prompts/get-prompt.ts";
import { loadPriceTable } from "../../usage/load-prices.ts";
import type { AgentRole } from "../contracts/agents.ts";

const ModelsEnv = z.object({
  DEFAULT_MODEL: ModelName,
  OPENAI_SERVER: z.enum(["vendor", "compatible", "absent"]).default("absent"),
});
export type ModelsEnv = z.infer<typeof ModelsEnv>;

/** What models this deployment can call, from its environment. */
export const readModelsEnv = (): ModelsEnv => readEnv(ModelsEnv);

/** The prompt that an agent of a role thinks with. */
const promptOf = (role: AgentRole): string => (role === "custom" ? "executor" : role);

/**
 * Refuses what would fail each task that the agent is given.
 * @throws AppError `invalid-request` for a prompt that was never published or a model that cannot be called here; `unpriced-model`
 */
export async function checkAgent(
  agent: { role: AgentRole; prompt_version?: string | undefined; model?: string | undefined },
  models: ModelsEnv,
  now: Date,
): Promise<void> {
  if (agent.prompt_version !== undefined) checkPrompt(promptOf(agent.role), agent.prompt_version);
  if (agent.model !== undefined && agent.model !== "default") await checkModel(agent.model, models, now);
}

function checkPrompt(name: string, version: string): void {
  try {
    getPrompt(name, Number.parseInt(version.slice(1), 10));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not-found") throw error;
    throw invalidRequest(`The prompt ${name} has no version ${version}`, [{ pointer: "#/prompt_version", detail: "was never published" }]);
  }
}

async function checkModel(model: string, { DEFAULT_MODEL: defaultModel, OPENAI_SERVER: openai }: ModelsEnv, now: Date): Promise<void> {
  const prices = await loadPriceTable([model], now);
  const known = listModels({ defaultModel, openai }, prices).find(({ id }) => id === model);
  // A server that speaks as OpenAI does has models of its own; which, only it knows.
  const isTakenOnTrust = openai === "compatible" && model.startsWith("openai:");
  if (known === undefined && !isTakenOnTrust) {
    throw invalidRequest(`${model} cannot be called here`, [{ pointer: "#/model", detail: "must be one of GET /v1/ai/models" }]);
  }
  const [listed] = known === undefined ? listModels({ defaultModel: model, openai: "absent" }, prices) : [known];
  if (listed?.price_status === "unpriced") {
    throw new AppError("unpriced-model", `No price is known for ${model}: add it to shared/usage/prices.json`);
  }
}
