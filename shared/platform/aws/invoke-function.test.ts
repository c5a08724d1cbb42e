import { afterEach, expect, it } from "vitest";
import { type SdkRequest, type SdkResponse, setRequestHandler } from "./client-options.ts";
import { FunctionFailed, invokeFunction } from "./invoke-function.ts";

afterEach(() => setRequestHandler(undefined));

it("answers what the function returned and names the tenant only when there is one", async () => {
  const requests = answerWith({ statusCode: 200, headers: {}, body: Buffer.from('{"claimed":[]}') });

  const answer = await invokeFunction("ledger", { verb: "claim" });
  await invokeFunction("sandbox", {}, { tenantId: "tenant-1" });

  expect(answer).toEqual({ claimed: [] });
  expect(requests[0]).toMatchObject({ path: "/2015-03-31/functions/ledger/invocations", body: '{"verb":"claim"}' });
  expect(requests.map((request) => request.headers["x-amz-tenant-id"])).toEqual([undefined, "tenant-1"]);
});

it("answers null for a function that returned nothing", async () => {
  answerWith({ statusCode: 200, headers: {}, body: Buffer.from("") });

  expect(await invokeFunction("ledger", {})).toBeNull();
});

it.each([
  ['{"errorType":"TypeError","errorMessage":"broken","trace":[]}', "TypeError", "ledger failed with TypeError: broken"],
  ['"odd"', "Error", 'ledger failed with Error: "odd"'],
])("throws when the function failed with %s", async (body, errorType, message) => {
  answerWith({ statusCode: 200, headers: { "x-amz-function-error": "Unhandled" }, body: Buffer.from(body) });

  const failure = await invokeFunction("ledger", {}).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(FunctionFailed);
  expect(failure).toMatchObject({ errorType, message });
});

function answerWith(response: SdkResponse): SdkRequest[] {
  const requests: SdkRequest[] = [];
  setRequestHandler({
    async handle(request) {
      requests.push(request);
      return { response };
    },
  });
  return requests;
}
