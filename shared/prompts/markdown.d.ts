/** Prompts are bundled as text: esbuild's text loader, and a plugin of the same effect in tests. */
declare module "*.md" {
  const text: string;
  export default text;
}
