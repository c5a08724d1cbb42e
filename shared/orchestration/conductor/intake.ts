/** Batches on the wire at once: while the database commits one, the next is read and decided. */
const MAX_FLUSHES = 2;
/** Items of one batch. More would make all of them wait for the last. */
const MAX_ITEMS = 100;

type Waiting<Item, Verdict> = {
  items: readonly Item[];
  resolve: (verdicts: Verdict[]) => void;
  reject: (error: unknown) => void;
};

/**
 * Group commit: what comes in while batches are on the wire shares the next one, so the price of a commit is paid once for all of it. There
 * is no timer: what comes alone goes at once. `process` answers one verdict for each item, in their order. When a shared batch fails each
 * caller's share is tried by itself: nobody fails by what another brought.
 */
export function createIntake<Item, Verdict>(
  process: (items: readonly Item[]) => Promise<Verdict[]>,
): (items: readonly Item[]) => Promise<Verdict[]> {
  const waiting: Waiting<Item, Verdict>[] = [];
  let flushes = 0;
  let isScheduled = false;

  /** After this turn of the event loop: what is answered in the same turn belongs together. */
  function schedule(): void {
    if (isScheduled || flushes >= MAX_FLUSHES || waiting.length === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      flushes += 1;
      void flush(takeShare(waiting)).finally(() => {
        flushes -= 1;
        schedule();
      });
      schedule();
    });
  }

  async function flush(share: Waiting<Item, Verdict>[]): Promise<void> {
    try {
      const verdicts = await process(share.flatMap((caller) => caller.items));
      let next = 0;
      for (const { items, resolve } of share) resolve(verdicts.slice(next, (next += items.length)));
    } catch (error) {
      const [only, ...others] = share;
      if (others.length === 0) only?.reject(error);
      else for (const caller of share) await flush([caller]);
    }
  }

  return (items) =>
    new Promise((resolve, reject) => {
      waiting.push({ items, resolve, reject });
      schedule();
    });
}

/** The callers that came first, as many as fit into a batch, and one at least. */
function takeShare<Item, Verdict>(waiting: Waiting<Item, Verdict>[]): Waiting<Item, Verdict>[] {
  let size = 0;
  const count = waiting.findIndex(({ items }, index) => (size += items.length) > MAX_ITEMS && index > 0);
  return waiting.splice(0, count === -1 ? waiting.length : count);
}
