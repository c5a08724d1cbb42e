import * as z from "zod";
import { type Api, openApi } from "./api.ts";

export type Person = Api & { token: string; id: string };

const Registered = z.object({ user: z.object({ id: z.uuid() }), token: z.object({ access_token: z.string() }) });

/** A new person with a workspace, logged in. */
export async function signUp(url: string, name: string): Promise<Person> {
  const account = { email: `${name}@example.org`, username: name, password: "correct horse battery" };
  const { user, token } = await openApi(url).post("/v1/auth/register", account, Registered);
  return { ...openApi(url, token.access_token), token: token.access_token, id: user.id };
}
