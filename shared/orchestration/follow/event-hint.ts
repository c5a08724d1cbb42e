/** Where the newest event number of a run is hinted at. The hash tag keeps keys of a run in one slot. */
export function eventHintKey(runId: string): string {
  return `run:{${runId}}:seq`;
}
