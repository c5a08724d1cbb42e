import { describe, expect, test } from "vitest";
import { functionTable } from "./function-table.ts";
import { queueTable, VISIBILITY_MARGIN_SECONDS } from "./queue-table.ts";

describe("a message of the queue", () => {
  test.each(Object.entries(queueTable))("%s comes back only after its function was stopped", (_name, { consumer, visibilitySeconds }) => {
    expect(visibilitySeconds).toBe(functionTable[consumer].timeoutSeconds + VISIBILITY_MARGIN_SECONDS);
  });
});
