import { bindMemories } from "../../shared/memory/bind-memories.ts";
import { handleService } from "../../shared/platform/api/handle.ts";
import { answerOnce } from "../../shared/platform/api/idempotency.ts";
import { lookupTable } from "../../shared/platform/aws/lookup-table.ts";
import { readVariable } from "../../shared/platform/config/env.ts";
import { sharedDatabase } from "../../shared/platform/db/shared-database.ts";

export const handler = handleService(
  "memory",
  bindMemories(() => sharedDatabase(readVariable("DATABASE_URL"))),
  { answerOnce: answerOnce(lookupTable) },
);
