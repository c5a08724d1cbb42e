import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64 } from "./base64.ts";

const bytesOf = (text: string) => {
  const bytes = decodeBase64(text);
  return bytes === undefined ? undefined : [...bytes];
};

describe("a base64 text", () => {
  it("gives back the bytes that it was made of, padded or not, in one line or in many", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(20), (bytes, width) => {
        const text = Buffer.from(bytes).toString("base64");
        const lines = text.replaceAll(new RegExp(`.{1,${width + 1}}`, "g"), "$&\r\n");
        for (const form of [text, text.replaceAll("=", ""), lines]) expect(bytesOf(form)).toEqual([...bytes]);
      }),
    );
  });

  it.each(["@@@", "Y", "YQ=", "YQ===", "YWJj=", "Y=Q=", "YQ==YQ==", "=", "====", "YW-_", "ü", "\0"])("is not %j", (text) => {
    expect(decodeBase64(text)).toBeUndefined();
  });

  it("is judged in linear time, however it is made", () => {
    const spaces = " ".repeat(500_000);
    expect(decodeBase64(`${spaces}@`)).toBeUndefined();
    expect(bytesOf(`YQ${spaces}==${spaces}`)).toEqual([97]);
  });
});
