import { readFileSync } from "node:fs";

const CLOCK_TICKS_PER_SECOND = 100;

/** Resident memory in MB. */
export function readMemory(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

/** Seconds of CPU that a process has used so far, in user and kernel mode. */
export function readCpuSeconds(pid: number): number {
  // The name of the program stands in brackets before the numbers and may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}
