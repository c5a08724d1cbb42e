import { describe, expect, it } from "vitest";
import { uuidv7 } from "../../platform/ids.ts";
import type { JsonValue } from "../../platform/json.ts";
import { createLedgerClient } from "./ledger-client.ts";

const answering = (answer: JsonValue) => {
  const calls: unknown[] = [];
  const client = createLedgerClient(async (...call) => {
    calls.push(call);
    return answer;
  }, "ledger-function");
  return { client, calls };
};

describe("the ledger", () => {
  it("is asked for a whole batch by one invoke and grants what it grants", async () => {
    const message = { effect_id: uuidv7(), try: 1 };
    const effect = {
      ...message,
      lease_token: uuidv7(),
      lease_seconds: 90,
      kind: "tool",
      safety: "repeatable",
      request: { tool: "read_file" },
    };
    const claimed = { ...effect, workspace_id: uuidv7(), run_id: uuidv7(), task_id: uuidv7() };
    const { client, calls } = answering({ claimed: [claimed] });
    expect(await client.claim([message])).toEqual([claimed]);
    expect(calls).toEqual([["ledger-function", { verb: "claim", effects: [message] }]]);
  });

  it("is asked for longer leases and says which effects are to stop", async () => {
    const lease = { effect_id: uuidv7(), lease_token: uuidv7() };
    const { client, calls } = answering({ leases: [{ effect_id: lease.effect_id, stop: true }] });
    expect(await client.extend([lease])).toEqual([{ effect_id: lease.effect_id, stop: true }]);
    expect(calls).toEqual([["ledger-function", { verb: "extend", leases: [lease] }]]);
  });

  it.each<JsonValue>([null, {}, { claimed: [{}] }, { leases: "x" }, "no"])("is not understood when it answers %j", async (answer) => {
    const { client } = answering(answer);
    await expect(client.claim([{ effect_id: uuidv7(), try: 1 }])).rejects.toThrow(/invalid/i);
    await expect(client.extend([{ effect_id: uuidv7(), lease_token: uuidv7() }])).rejects.toThrow(/invalid/i);
  });
});
