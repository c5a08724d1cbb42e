/** What is known of who looks after the runs. */
export type Looks = {
  /** So far, of everybody. */
  commits: number;
  /** How many of them had been made when it was last seen who looks. */
  seen: number;
  /** Faults that may have cost a run its watchdog, as many as there had been when one that is awake was last seen. By run. */
  readonly faults: Map<string, number>;
};

export function createLooks(): Looks {
  return { commits: 0, seen: 0, faults: new Map() };
}
