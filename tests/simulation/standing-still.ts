import type { Simulation } from "./simulation.ts";

/**
 * A person pauses a run or a task, by its id: once that is answered nothing of it may be claimed until a person lets it go on. Whoever asks for
 * that at the same time may have it after the pause.
 */
export async function standStill(simulation: Simulation, id: string, pause: () => Promise<unknown>): Promise<void> {
  const before = { ...resumesOf(simulation, id) };
  await pause();
  const { still } = simulation;
  if (!still.has(id) && before.underWay === 0 && resumesOf(simulation, id).asked === before.asked) still.set(id, "paused");
}

/** A person lets a run or a task go on. */
export async function goOn(simulation: Simulation, id: string, resume: () => Promise<unknown>): Promise<void> {
  const resumes = resumesOf(simulation, id);
  resumes.asked += 1;
  if (simulation.still.get(id) === "paused") simulation.still.delete(id);
  resumes.underWay += 1;
  try {
    await resume();
  } finally {
    resumes.underWay -= 1;
  }
}

function resumesOf({ resumes }: Simulation, id: string): { asked: number; underWay: number } {
  const known = resumes.get(id) ?? { asked: 0, underWay: 0 };
  resumes.set(id, known);
  return known;
}
