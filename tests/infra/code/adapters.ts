/**
 * A module that is loaded only when the value of a variable asks for it. Its commands are sent to what that value names, by those functions
 * alone whose value asks for it.
 */
export type Adapter = { readonly file: string; readonly variable: string; readonly isAskedFor: (value: string) => boolean };

export const adapters: readonly Adapter[] = [
  { file: "shared/platform/cache/dynamodb-cache.ts", variable: "CACHE_URL", isAskedFor: (value) => value.startsWith("dynamodb:") },
];
