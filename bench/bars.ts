/** One thing that was measured; smaller is better where there is a bar. */
export type Bar = { name: string; unit: string; measured: number; must?: number; goal?: number };

export function isAboveMust({ measured, must }: Bar): boolean {
  return must !== undefined && !(measured <= must);
}

/** A table with a verdict for each bar. */
export function formatBars(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => [bar.name, `${round(bar.measured)} ${bar.unit}`, show(bar.must), show(bar.goal), judge(bar)]);
  const table = [["", "measured", "must", "goal", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function show(bar: number | undefined): string {
  return bar === undefined ? "" : `≤ ${bar}`;
}

function judge(bar: Bar): string {
  if (isAboveMust(bar)) return "✗ above must";
  if (bar.goal !== undefined && bar.measured > bar.goal) return "above goal";
  return bar.must === undefined ? "" : "✓";
}

function round(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}
