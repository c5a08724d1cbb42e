import type { Plugin } from "esbuild";

/** Parts of the database client that serve a wish which nobody here has: each with what stands in its place, and throws. */
const UNUSED: readonly { file: RegExp; contents: string }[] = [
  {
    // Results in binary, for queries that say so.
    file: /[/\\]pg-types[/\\]lib[/\\]binaryParsers\.js$/,
    contents: `const refuse = () => { throw new Error("A function reads no results in binary"); };
      exports.init = (register) => [16, 20, 21, 23, 25, 26, 700, 701, 1114, 1184, 1700].forEach((oid) => register(oid, refuse));`,
  },
  {
    // Logins that are bound to the server's certificate, for connections that say so.
    file: /[/\\]pg[/\\]lib[/\\]crypto[/\\]cert-signatures\.js$/,
    contents: `exports.signatureAlgorithmHashFromCertificate = () => { throw new Error("A function binds no login to a certificate"); };`,
  },
];

/** Leaves out of a bundle what the database client would load for nobody: a tenth of it. */
export const withoutUnusedFormats: Plugin = {
  name: "without-unused-formats",
  setup(build) {
    for (const { file, contents } of UNUSED) build.onLoad({ filter: file }, () => ({ contents, loader: "js" }));
  },
};
