/**
 * Files of the e2e suite that are about the process of the embedded run itself, which no deployment has: its kills, starts and stops, its
 * folder, its commands, and its functions before a database that sleeps.
 */
export const embeddedOnly = ["kill", "start-stop", "reset", "goal-command", "database-asleep"].map((name) => `tests/e2e/${name}.test.ts`);
