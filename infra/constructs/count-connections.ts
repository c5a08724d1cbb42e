import type { StageConfig } from "../config/stage-config.ts";

/** The user guide of Aurora, "Maximum connections for Aurora Serverless v2", for PostgreSQL: the most capacity units, and the connections. */
const CONNECTIONS_BY_CAPACITY = [
  [1, 189],
  [4, 823],
  [8, 1_669],
  [16, 3_360],
  [32, 5_000],
] as const;

/** The same guide: a cluster that may shrink to half a unit or sleep has no more than these, however large it may grow. */
const MOST_OF_A_SMALL_MINIMUM = 2_000;

/** What `max_connections` is when nobody sets it. Between two lines of the table the lower one counts. */
export function countConnections({ min, max }: StageConfig["acu"]): number {
  const line = CONNECTIONS_BY_CAPACITY.findLast(([capacity]) => capacity <= max);
  const connections = line?.[1] ?? CONNECTIONS_BY_CAPACITY[0][1];
  return min <= 0.5 ? Math.min(connections, MOST_OF_A_SMALL_MINIMUM) : connections;
}
