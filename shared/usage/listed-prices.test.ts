import { findProvider } from "@pydantic/genai-prices";
import { expect, test } from "vitest";

// A new version of the package is taken over with `npx vitest run shared/usage --update`.
test("the list says what the package says of the vendors whose prices it knows by our names", async () => {
  const models = ["openai", "anthropic"].flatMap((provider) =>
    (findProvider({ providerId: provider })?.models ?? []).map(({ id, context_window, prices }) =>
      JSON.stringify({ model: `${provider}:${id}`, context_window, prices }),
    ),
  );
  expect(models.length).toBeGreaterThan(100);
  await expect(`[\n${models.join(",\n")}\n]\n`).toMatchFileSnapshot("listed-prices.json");
});
