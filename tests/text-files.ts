/** Prompts and statements are imported as text, in tests as in bundles. */
export const textFiles = {
  name: "text-files",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    return /\.(?:md|sql)$/.test(id) ? `export default ${JSON.stringify(code)};` : undefined;
  },
};
