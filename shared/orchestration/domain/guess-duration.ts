import type { PlannedTask } from "../../agents/contract.ts";

/** Seconds that a task is thought to take while nothing is known of it but how complex it is said to be. */
export const GUESSED_SECONDS: Readonly<Record<PlannedTask["complexity"], number>> = { low: 10, medium: 60, high: 300 };
