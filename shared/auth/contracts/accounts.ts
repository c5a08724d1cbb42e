import * as z from "zod";
import { defineRoute } from "../../platform/api/route.ts";

const Timestamp = z.iso.datetime({ offset: true });

/** bcrypt reads no further, so a longer password would be weaker than it looks. */
export const MAX_PASSWORD_BYTES = 72;

export const User = z
  .strictObject({
    id: z.uuid(),
    email: z.string(),
    username: z.string(),
    workspace_id: z.uuid().describe("the personal workspace, whose id is the user's"),
    created_at: Timestamp,
    last_login_at: Timestamp.nullable(),
  })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

export const AccessToken = z
  .strictObject({
    access_token: z.string().describe("a signed token for Authorization: Bearer"),
    token_type: z.literal("Bearer"),
    expires_in: z.int().describe("seconds"),
  })
  .meta({ id: "AccessToken" });
export type AccessToken = z.infer<typeof AccessToken>;

const Password = z
  .string()
  .min(8)
  .refine((password) => new TextEncoder().encode(password).length <= MAX_PASSWORD_BYTES, `at most ${MAX_PASSWORD_BYTES} bytes in UTF-8`);

const open = { zone: "mind", auth: "public", scopes: [] } as const;

export const register = defineRoute({
  ...open,
  id: "register",
  method: "POST",
  path: "/v1/auth/register",
  summary: "Make an account with its personal workspace, and log in",
  body: z.strictObject({
    email: z.email().max(255).toLowerCase(),
    username: z
      .string()
      .regex(/^[A-Za-z0-9][\w.-]{2,49}$/, "3 to 50 letters, digits and . _ -, the first a letter or digit")
      .toLowerCase(),
    password: Password,
    name: z.string().trim().min(1).max(255).optional().describe("of the personal workspace; the user name unless told"),
  }),
  status: 201,
  response: z.strictObject({ user: User, token: AccessToken }),
});

export const logIn = defineRoute({
  ...open,
  id: "log-in",
  method: "POST",
  path: "/v1/auth/login",
  summary: "Get an access token for an email and a password",
  body: z.strictObject({ email: z.string().min(1).max(255), password: z.string().min(1).max(1_000) }),
  status: 200,
  response: AccessToken,
});

export const getMe = defineRoute({
  zone: "mind",
  auth: "user",
  id: "get-me",
  method: "GET",
  path: "/v1/auth/me",
  scopes: [],
  summary: "Who these credentials belong to and what they may do",
  status: 200,
  response: z.strictObject({ user: User, workspace_id: z.uuid(), scopes: z.array(z.string()), session_id: z.uuid().nullable() }),
});

export const getJwks = defineRoute({
  ...open,
  id: "get-jwks",
  method: "GET",
  path: "/v1/auth/jwks",
  summary: "The public keys that access tokens are signed with",
  status: 200,
  response: z.strictObject({
    keys: z.array(
      z.strictObject({
        kty: z.literal("EC"),
        crv: z.literal("P-256"),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        alg: z.literal("ES256"),
        use: z.literal("sig"),
      }),
    ),
  }),
});

export const accountRoutes = [register, logIn, getMe, getJwks];
