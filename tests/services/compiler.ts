import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { type Apt, capture, listAdditions, unpackPackages } from "./debian-packages.ts";

/** How to call make so that it compiles C, on a machine with a compiler or without. */
export type Compiler = { readonly settings: readonly string[]; readonly env: NodeJS.ProcessEnv };

const packages = ["gcc", "make", "libc6-dev"];
/** Every machine has these two; the linker looks for them beside the headers. */
const linkedWith = ["libc6", "libgcc-s1"];

/** This machine's own compiler, or one that is unpacked into `folder` and finds headers and libraries there. */
export async function findCompiler(apt: Apt, folder: string, isNeeded: (name: string) => boolean): Promise<Compiler> {
  if (await isInstalled()) return { settings: [], env: {} };
  const additions = await listAdditions(apt, packages);
  await unpackPackages(apt, [...packages, ...additions.filter(isNeeded), ...linkedWith], folder);
  const libraries = path.join(folder, "usr/lib");
  const multiarch = (await readdir(libraries)).filter((name) => name.includes("-linux-gnu"));
  return {
    settings: [`CC=gcc --sysroot=${folder}`],
    env: {
      PATH: `${path.join(folder, "usr/bin")}:${process.env["PATH"] ?? ""}`,
      // The C library lies in /lib, not here: the compiler runs with the one of the machine and links with the one of the folder.
      LD_LIBRARY_PATH: multiarch.map((name) => path.join(libraries, name)).join(":"),
    },
  };
}

async function isInstalled(): Promise<boolean> {
  const found = [
    capture({ file: "gcc", args: ["--version"] }),
    capture({ file: "make", args: ["--version"] }),
    access("/usr/include/stdio.h"),
  ];
  return (await Promise.allSettled(found)).every(({ status }) => status === "fulfilled");
}
