/** A DAG by the places of its tasks: for each task, the tasks before it that it depends on. */
export type Shape = readonly (readonly number[])[];

/** Each task depends on the one before it. */
export function chainOf(length: number): Shape {
  return Array.from({ length }, (_, index) => (index === 0 ? [] : [index - 1]));
}

/** One task, then all the others at once, then one that waits for them all. */
export function fanOf(size: number): Shape {
  const middle = Array.from({ length: size - 2 }, () => [0]);
  return [[], ...middle, Array.from({ length: size - 2 }, (_, index) => index + 1)];
}

/** `layers` layers of `width` tasks, each of which depends on `parents` neighbours in the layer before. */
export function layersOf(layers: number, width: number, parents: number): Shape {
  return Array.from({ length: layers * width }, (_, index) => {
    if (index < width) return [];
    const before = (Math.floor(index / width) - 1) * width;
    return Array.from({ length: parents }, (__, step) => before + ((index + step) % width)).toSorted((left, right) => left - right);
  });
}

/** What an agent's plan looks like: eight tasks in five levels. */
export const AGENT_PLAN: Shape = [[], [0], [0], [0], [1, 2], [2, 3], [4, 5], [6]];

/** A join of `width` tasks, after which as many follow as make `size` in all. */
export function joinOf(size: number, width: number): Shape {
  const join = width + 1;
  const before = Array.from({ length: width }, () => [0]);
  const after = Array.from({ length: size - width - 3 }, () => [join]);
  const last = Array.from({ length: after.length }, (_, index) => join + 1 + index);
  return [[], ...before, before.map((_, index) => index + 1), ...after, last];
}

/** Milliseconds of each task so that one in `every` takes `factor` times as long as the others, and the mean is `mean`. */
export function skewedTimes(count: number, mean: number, every: number, factor: number): number[] {
  const short = (mean * every) / (every - 1 + factor);
  // A step that shares no divisor with a layer's width spreads the long ones over all layers.
  return Array.from({ length: count }, (_, index) => ((index * 7) % every === 0 ? short * factor : short));
}

/** The longest way through a DAG, in the unit of `times`. */
export function criticalPath(shape: Shape, times: readonly number[]): number {
  const ends: number[] = [];
  for (const [index, parents] of shape.entries()) {
    const start = parents.reduce((latest, parent) => Math.max(latest, ends[parent] ?? 0), 0);
    ends.push(start + (times[index] ?? 0));
  }
  return ends.reduce((latest, end) => Math.max(latest, end), 0);
}
