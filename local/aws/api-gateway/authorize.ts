import type { APIGatewayEventDefaultAuthorizerContext, APIGatewayProxyEvent } from "aws-lambda";
import * as z from "zod";
import { AppError } from "../../../shared/platform/errors.ts";
import { type LambdaFunctions, runFunction } from "../lambda-functions.ts";
import { LIMITS } from "../limits.ts";
import { createAuthorizerEvent } from "./proxy-event.ts";

const Patterns = z.union([z.string().transform((pattern) => [pattern]), z.array(z.string())]);

const Policy = z.object({
  principalId: z.string(),
  policyDocument: z.object({
    Statement: z.array(z.object({ Effect: z.enum(["Allow", "Deny"]), Resource: Patterns })),
  }),
  /** API Gateway hands on plain values only. */
  context: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
});
type Policy = z.infer<typeof Policy>;

export type Authorizer = {
  readonly functions: LambdaFunctions;
  readonly functionName: string;
  /** At most 60. */
  readonly cacheSeconds: number;
  /** By the value of Authorization, the identity source. */
  readonly cache: Map<string, { readonly policy: Policy; readonly until: number }>;
};

const CACHED_POLICIES = 1_000;

export function createAuthorizer(functions: LambdaFunctions, functionName: string, cacheSeconds: number): Authorizer {
  if (cacheSeconds > LIMITS.gatewayAuthorizerCacheSeconds) {
    throw new RangeError(`policies are cached for at most ${LIMITS.gatewayAuthorizerCacheSeconds} s, so that a revocation takes effect`);
  }
  return { functions, functionName, cacheSeconds, cache: new Map() };
}

/**
 * What a REQUEST authorizer with the identity source Authorization lets through.
 * @throws AppError `unauthenticated` without the header or when the authorizer says Unauthorized, `forbidden` when the policy does not
 * allow the method; anything else that goes wrong is an error of ours
 */
export async function authorize(authorizer: Authorizer, event: APIGatewayProxyEvent): Promise<APIGatewayEventDefaultAuthorizerContext> {
  const identity = readIdentitySource(event);
  if (identity === undefined) throw new AppError("unauthenticated", "Send a token or an API key as Authorization: Bearer …");
  const policy = await getPolicy(authorizer, identity, event);
  if (!allows(policy, createAuthorizerEvent(event).methodArn)) throw new AppError("forbidden", "The credentials do not allow this request");
  const context = Object.entries(policy.context ?? {}).map(([name, value]) => [name, String(value)] as const);
  return { ...Object.fromEntries(context), principalId: policy.principalId };
}

function readIdentitySource(event: APIGatewayProxyEvent): string | undefined {
  const name = Object.keys(event.headers).find((header) => header.toLowerCase() === "authorization");
  return (name === undefined ? undefined : event.headers[name]) || undefined;
}

async function getPolicy(
  { functions, functionName, cacheSeconds, cache }: Authorizer,
  identity: string,
  event: APIGatewayProxyEvent,
): Promise<Policy> {
  const now = functions.agenda.now();
  const cached = cache.get(identity);
  if (cached !== undefined && cached.until > now) return cached.policy;
  const outcome = await runFunction(functions, functionName, createAuthorizerEvent(event));
  if (outcome.status === "failed") {
    if (outcome.error.errorMessage === "Unauthorized") throw new AppError("unauthenticated", "The token or API key is not valid");
    throw new Error(`${functionName} failed`, { cause: outcome.cause });
  }
  const policy = Policy.parse(outcome.answer);
  cache.delete(identity);
  cache.set(identity, { policy, until: now + cacheSeconds * 1_000 });
  const [oldest] = cache.keys();
  if (cache.size > CACHED_POLICIES && oldest !== undefined) cache.delete(oldest);
  return policy;
}

/** A Deny wins over any Allow; without an Allow the answer is no. */
function allows(policy: Policy, methodArn: string): boolean {
  const effects = policy.policyDocument.Statement.filter(({ Resource }) => Resource.some((pattern) => matchesPattern(pattern, methodArn)));
  return effects.length > 0 && effects.every(({ Effect }) => Effect === "Allow");
}

/** `*` is any text, `?` any character. */
function matchesPattern(pattern: string, arn: string): boolean {
  const expression = pattern
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "s").test(arn);
}
