// No static import and no recent syntax: the versions that this file turns away must understand it.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`CognitionOS needs Node 20.19 or later; this is Node ${process.versions.node}.\n`);
  process.exit(2);
}
void import("./start.mjs").then(({ start }) => start(process.argv.slice(2)));
