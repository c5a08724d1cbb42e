import { appendFile, chmod, lstat, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { findCompiler } from "./compiler.ts";
import {
  type Apt,
  capture,
  findDebianMirror,
  findVersion,
  listAdditions,
  listNames,
  openApt,
  readRelease,
  unpackPackages,
  unpackSource,
} from "./debian-packages.ts";

export type Say = (line: string) => void;

/** Programs of PostgreSQL (with pgvector) and Redis in a private folder, ready to be started. */
export interface UnpackedServices {
  readonly postgresBin: string;
  readonly redisServer: string;
  readonly libraryPath: string;
}

const sourceOfVector = "trixie";
/** Just-in-time compiling stays off, and none of these is needed to run a server by hand. */
const notNeeded =
  /llvm|clang|^libc6$|^libc-bin$|^locales|^postgresql-common|^ssl-cert$|^debconf|^perl|^libperl|^libjson-perl|^adduser$|^sysvinit|^lsb-|libc-l10n/;

/**
 * Gives the unpacked programs, from the cache folder if an earlier call filled it, else from this machine's Debian mirror.
 * A second start takes no time; a first one about ten seconds. Nothing is installed.
 */
export async function unpackServices(say: Say): Promise<UnpackedServices> {
  const folder = await cacheFolder();
  if (await isOwn(folder)) return await locate(folder);
  const building = await mkdtemp(path.join(tmpdir(), "cognition-services-"));
  try {
    await chmod(building, 0o755);
    await build(building, say);
    await rename(path.join(building, "root"), folder).catch(async (error: unknown) => {
      // Someone else finished the same folder first.
      if (!(await isOwn(folder))) throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return await locate(folder);
}

/** Raise it with every change of what the folder holds, so that new code never meets an old folder. */
const recipe = 1;

async function cacheFolder(): Promise<string> {
  const names = ["cognition-services", await readRelease(), process.arch, `user-${process.getuid?.() ?? 0}`, `recipe-${recipe}`];
  return path.join(tmpdir(), names.join("-"));
}

/** Programs are only run from a folder that nobody else could have filled. */
async function isOwn(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  if (found === undefined) return false;
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder of this user: remove it.`);
  }
  return true;
}

async function build(folder: string, say: Say): Promise<void> {
  const root = path.join(folder, "root");
  await mkdir(root, { mode: 0o755 });
  say("Reading the package lists of this machine's Debian mirror.");
  const apt = await openApt(path.join(folder, "binary"));
  const { server, vector } = await chooseServer(apt);
  say(`Unpacking ${server} and redis-server into a private folder.`);
  const vectors = vector === undefined ? [] : [vector];
  const additions = await listAdditions(apt, [server, "redis-server", ...vectors]);
  const client = server.replace("postgresql-", "postgresql-client-");
  const main = [server, client, "libpq5", "redis-server", "redis-tools", ...vectors];
  await unpackPackages(apt, [...main, ...additions.filter((name) => !notNeeded.test(name))], root);
  if (vector === undefined) await buildVector(folder, root, apt, server, say);
  await trustVector(root);
}

/** The newest server that has pgvector 0.8 or later as a package, else the newest server, for which pgvector is built. */
async function chooseServer(apt: Apt): Promise<{ readonly server: string; readonly vector?: string }> {
  const names = await listNames(apt, "postgresql-");
  const servers = names.filter((name) => /^postgresql-\d+$/.test(name));
  const newestFirst = servers.toSorted((a, b) => Number(b.slice(11)) - Number(a.slice(11)));
  for (const server of newestFirst) {
    const vector = `${server}-pgvector`;
    const version = names.includes(vector) ? await findVersion(apt, vector) : undefined;
    if (version !== undefined && isRecentVector(version)) return { server, vector };
  }
  for (const server of newestFirst) if ((await findVersion(apt, server)) !== undefined) return { server };
  throw new Error("The package lists of this machine offer no PostgreSQL server.");
}

function isRecentVector(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 0 || minor >= 8;
}

async function buildVector(folder: string, root: string, apt: Apt, server: string, say: Say): Promise<void> {
  const mirror = await findDebianMirror();
  if (mirror === undefined) throw new Error("This machine's package lists name no Debian mirror to fetch the source of pgvector from.");
  const compiler = await findCompiler(apt, path.join(folder, "compiler"), (name) => !notNeeded.test(name));
  say("Building pgvector.");
  await unpackPackages(apt, [server.replace("postgresql-", "postgresql-server-dev-"), "libpq-dev"], root);
  const sources = await openApt(path.join(folder, "source"), `deb-src ${mirror} ${sourceOfVector} main\n`);
  const vector = await unpackSource(sources, "pgvector");
  const configuration = path.join(root, "usr/lib/postgresql", server.slice(11), "bin/pg_config");
  // An empty OPTFLAGS builds for any processor of this architecture; without LLVM no clang is needed.
  const settings = ["OPTFLAGS=", "with_llvm=no", `PG_CONFIG=${configuration}`, ...compiler.settings];
  await capture({ file: "make", args: ["-j2", "-C", vector, ...settings, "install"], env: compiler.env });
}

/** A managed database lets its owner create this extension without being a superuser: so does ours. */
async function trustVector(root: string): Promise<void> {
  const share = path.join(root, "usr/share/postgresql");
  for (const version of await readdir(share)) {
    await appendFile(path.join(share, version, "extension/vector.control"), "trusted = true\n");
  }
}

async function locate(folder: string): Promise<UnpackedServices> {
  const [version = ""] = (await readdir(path.join(folder, "usr/lib/postgresql"))).toSorted();
  const parents = ["usr/lib", "lib"].map((name) => path.join(folder, name));
  const libraries: string[] = [];
  for (const parent of parents) {
    const names = await readdir(parent).catch(() => []);
    libraries.push(...names.filter((name) => name.includes("-linux-gnu")).map((name) => path.join(parent, name)));
  }
  return {
    postgresBin: path.join(folder, "usr/lib/postgresql", version, "bin"),
    redisServer: path.join(folder, "usr/bin/redis-server"),
    libraryPath: libraries.join(":"),
  };
}
