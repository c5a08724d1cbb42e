import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { expect, it } from "vitest";
import { createAgenda } from "./agenda.ts";
import { createManualClock } from "./clock.ts";
import { createLambdaRequestHandler } from "./lambda-front.ts";
import { createLambdaFunctions, type LambdaFunction } from "./lambda-functions.ts";

it("invokes a function by name or ARN and answers what it returned", async () => {
  const { invoke } = open({ double: { handler: (event: { n: number }) => ({ n: event.n * 2 }), timeoutSeconds: 3 } });

  const byName = await invoke("double", { n: 21 });
  const byArn = await invoke("arn:aws:lambda:us-east-1:000000000000:function:double", { n: 4 });

  expect([byName.payload, byArn.payload]).toEqual([{ n: 42 }, { n: 8 }]);
  expect(byName.FunctionError).toBeUndefined();
});

it("answers null when the function returns nothing", async () => {
  const { invoke } = open({ quiet: { handler: () => undefined, timeoutSeconds: 3 } });

  expect((await invoke("quiet", {})).payload).toBeNull();
});

it("gives the function a context with its name, its tenant and the time it has left", async () => {
  const { invoke, clock } = open({
    sandbox: {
      handler: (_: unknown, context: Context & { tenantId?: string }) => {
        clock.advance(1_000);
        return [context.functionName, context.tenantId, context.getRemainingTimeInMillis()];
      },
      timeoutSeconds: 3,
      requiresTenant: true,
    },
  });

  expect((await invoke("sandbox", {}, { TenantId: "tenant-1" })).payload).toEqual(["sandbox", "tenant-1", 2_000]);
});

it.each([
  [
    "throws at once",
    () => {
      throw new TypeError("broken");
    },
  ],
  [
    "rejects",
    async () => {
      throw new TypeError("broken");
    },
  ],
])("reports a function that %s as a function error", async (_, handler) => {
  const { invoke } = open({ broken: { handler, timeoutSeconds: 3 } });

  const answer = await invoke("broken", {});

  expect(answer.FunctionError).toBe("Unhandled");
  expect(answer.payload).toMatchObject({ errorType: "TypeError", errorMessage: "broken" });
});

it("ends a function at its timeout, whatever it does later", async () => {
  const { invoke, clock } = open({ slow: { handler: () => new Promise(() => {}), timeoutSeconds: 3 } });

  const invoking = invoke("slow", {});
  await new Promise(setImmediate);
  clock.advance(3_000);
  const answer = await invoking;

  expect(answer.FunctionError).toBe("Unhandled");
  expect(answer.payload).toMatchObject({ errorType: "Sandbox.Timedout", errorMessage: expect.stringContaining("after 3.00 seconds") });
});

it("refuses an unknown function, a missing tenant and a payload over 6 MiB, without running anything", async () => {
  const calls: unknown[] = [];
  const handler = (event: unknown) => calls.push(event);
  const { invoke } = open({ ledger: { handler, timeoutSeconds: 3 }, sandbox: { handler, timeoutSeconds: 3, requiresTenant: true } });

  await expect(invoke("nobody", {})).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(invoke("sandbox", {})).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  await expect(invoke("ledger", "x".repeat(6 * 1_048_576))).rejects.toMatchObject({ name: "RequestTooLargeException" });
  expect(calls).toEqual([]);
});

it("fails a function whose answer is over 6 MiB", async () => {
  const { invoke } = open({ loud: { handler: () => "x".repeat(6 * 1_048_576), timeoutSeconds: 3 } });

  expect((await invoke("loud", {})).payload).toMatchObject({ errorType: "Function.ResponseSizeTooLarge" });
});

it("answers an asynchronous invoke before the function runs, and tries a failing one twice more", async () => {
  const events: unknown[] = [];
  const handler = (event: unknown) => {
    events.push(event);
    throw new Error("broken");
  };
  const { invoke, clock } = open({ flaky: { handler, timeoutSeconds: 3 } });

  const answer = await invoke("flaky", { n: 1 }, { InvocationType: "Event" });
  const triesAtOnce = events.length;
  for (const seconds of [0, 60, 120, 1_000]) {
    clock.advance(seconds * 1_000);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }

  expect(answer.StatusCode).toBe(202);
  expect(triesAtOnce).toBe(0);
  expect(events).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
});

it("refuses a function with a timeout that Lambda does not have", () => {
  expect(() => open({ endless: { handler: () => null, timeoutSeconds: 901 } })).toThrow("endless: a function's timeout is 1 to 900 s");
});

function open(functions: Record<string, LambdaFunction>) {
  const clock = createManualClock();
  const requestHandler = createLambdaRequestHandler(createLambdaFunctions(createAgenda(clock), functions));
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new LambdaClient({ region: "us-east-1", endpoint: "http://lambda.invalid", credentials, requestHandler });
  return {
    clock,
    async invoke(name: string, event: unknown, options: { TenantId?: string; InvocationType?: "Event" } = {}) {
      const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...options }));
      const text = answer.Payload?.transformToString() ?? "";
      return { ...answer, payload: text === "" ? undefined : (JSON.parse(text) as unknown) };
    },
  };
}
