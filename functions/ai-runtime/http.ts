import { bindModels } from "../../shared/llm/bind-models.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

export const handler = handleService(
  "ai-runtime",
  bindModels(() => sharedDatabase(readVariable("DATABASE_URL"))),
);
