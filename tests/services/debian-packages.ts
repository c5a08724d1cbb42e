import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command to its end and gives its standard output; a failure carries the last lines the command printed. */
export async function capture({ file, args, cwd, env }: Command): Promise<string> {
  const environment = { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive", ...env };
  try {
    return (await run(file, args, { ...(cwd === undefined ? {} : { cwd }), env: environment, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    throw new Error(`${file} ${args.at(-1) ?? ""} failed. ${readReason(error)}`);
  }
}

function readReason(error: unknown): string {
  const printed = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return printed === "" ? String(error) : printed.split("\n").slice(-4).join("\n");
}

/** Apt with lists and archives of its own: it reads what this machine trusts and changes nothing outside the folder. */
export interface Apt {
  readonly folder: string;
  readonly options: readonly string[];
}

/** Reads the package lists anew; `sources` replaces the machine's own source lists by the given lines. */
export async function openApt(folder: string, sources?: string): Promise<Apt> {
  await mkdir(path.join(folder, "lists/partial"), { recursive: true });
  await mkdir(path.join(folder, "cache/archives/partial"), { recursive: true });
  const settings = [
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
    `Dir::State::lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
  ];
  if (sources !== undefined) {
    await writeFile(path.join(folder, "sources.list"), sources);
    settings.push(`Dir::Etc::sourcelist=${folder}/sources.list`, "Dir::Etc::sourceparts=-");
  }
  const apt = { folder, options: settings.flatMap((setting) => ["-o", setting]) };
  await call(apt, "apt-get", "-q", "update");
  return apt;
}

async function call({ folder, options }: Apt, file: string, ...args: readonly string[]): Promise<string> {
  return await capture({ file, args: [...options, ...args], cwd: folder });
}

export async function listNames(apt: Apt, prefix: string): Promise<readonly string[]> {
  return (await call(apt, "apt-cache", "pkgnames", prefix)).split("\n").filter((name) => name !== "");
}

/** The version an installation would choose, without its epoch; undefined for a name without a package. */
export async function findVersion(apt: Apt, name: string): Promise<string | undefined> {
  const policy = await call(apt, "apt-cache", "policy", name);
  return /Candidate: (?:\d+:)?(\d\S*)/.exec(policy)?.[1];
}

/** The packages that an installation of these would add to this machine or raise. */
export async function listAdditions(apt: Apt, names: readonly string[]): Promise<readonly string[]> {
  const plan = await call(apt, "apt-get", "-s", "install", "--no-install-recommends", ...names);
  return [...plan.matchAll(/^Inst (\S+)/gm)].flatMap((match) => match[1] ?? []);
}

export async function unpackPackages(apt: Apt, names: readonly string[], root: string): Promise<void> {
  const downloads = await mkdtemp(path.join(apt.folder, "downloads-"));
  await capture({ file: "apt-get", args: [...apt.options, "-q", "download", ...new Set(names)], cwd: downloads });
  for (const file of await readdir(downloads)) await capture({ file: "dpkg-deb", args: ["-x", path.join(downloads, file), root] });
}

/** Downloads a source package and gives the folder of its unpacked upstream archive. */
export async function unpackSource(apt: Apt, name: string): Promise<string> {
  await call(apt, "apt-get", "-q", "source", "--download-only", name);
  const archive = (await readdir(apt.folder)).find((file) => file.startsWith(`${name}_`) && file.includes(".orig.tar"));
  if (archive === undefined) throw new Error(`The source package ${name} has no upstream archive.`);
  const folder = path.join(apt.folder, `${name}-source`);
  await mkdir(folder);
  await capture({ file: "tar", args: ["-xf", archive, "--strip-components=1", "-C", folder], cwd: apt.folder });
  return folder;
}

/** The address of this machine's own Debian mirror (the security archive holds no sources of a later release). */
export async function findDebianMirror(): Promise<string | undefined> {
  const targets = await capture({ file: "apt-get", args: ["indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"] });
  return /^Debian (\S+)$/m.exec(targets)?.[1];
}

/** The release this machine runs, for example `debian-12`. */
export async function readRelease(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8");
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "unknown";
  return `${field("ID")}-${field("VERSION_ID")}`;
}
