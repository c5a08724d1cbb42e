/** One thing that was measured. Where there is a bar smaller is better, unless `better` says otherwise. */
export type Bar = { name: string; unit: string; measured: number; must?: number; goal?: number; better?: "more" };

/** Whether it was measured on the wrong side of its bar, or could not be measured. */
export function missesMust({ measured, must, better }: Bar): boolean {
  return must !== undefined && !reaches(measured, must, better);
}

function reaches(measured: number, bar: number, better: Bar["better"]): boolean {
  return better === "more" ? measured >= bar : measured <= bar;
}

/** A table with a verdict for each bar. */
export function formatBars(bars: readonly Bar[]): string {
  const rows = bars.map((bar) => [bar.name, `${round(bar.measured)} ${bar.unit}`, show(bar, bar.must), show(bar, bar.goal), judge(bar)]);
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

function show({ better }: Bar, bar: number | undefined): string {
  return bar === undefined ? "" : `${better === "more" ? "≥" : "≤"} ${bar}`;
}

function judge(bar: Bar): string {
  const side = bar.better === "more" ? "below" : "above";
  if (missesMust(bar)) return `✗ ${side} must`;
  if (bar.goal !== undefined && !reaches(bar.measured, bar.goal, bar.better)) return `${side} goal`;
  return bar.must === undefined ? "" : "✓";
}

function round(value: number): string {
  return value.toFixed(value < 0.1 ? 3 : value < 10 ? 2 : 0);
}
