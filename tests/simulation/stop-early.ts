/** Whether somebody has had enough, who still wants to see what came of it so far. */
export type StopEarly = { readonly isWanted: boolean };

/** The first Ctrl-C lets what is under way come to its end, and `tell` is called; the second ends the process. */
export function stopAtInterrupt(tell: () => void): StopEarly {
  const stop = { isWanted: false };
  process.on("SIGINT", () => {
    if (stop.isWanted) process.exit(130);
    stop.isWanted = true;
    tell();
  });
  return stop;
}
