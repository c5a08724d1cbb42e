import type { Checks } from "./checks.ts";

/** What the hands know of their leases, without a look at the database. */
export type Leases = {
  /** A hand was granted an effect. `until` in milliseconds. */
  claimed(effectId: string, now: number, until: number): void;
  extended(effectId: string, until: number): void;
  /** A hand does what the effect is. */
  contacted(effectId: string, isOnce: boolean): void;
  /** A person says that what was contacted did not happen: it may be contacted once more. */
  permit(effectId: string): void;
  /** Whoever held a lease is dead, and whoever comes after knows it. */
  forget(): void;
};

export function createLeases(checks: Checks): Leases {
  const held = new Map<string, number>();
  const contacts = new Map<string, number>();
  const permits = new Map<string, number>();
  return {
    claimed(effectId, now, until) {
      const before = held.get(effectId);
      checks.check("2 once", before === undefined || before <= now, () => `${effectId} was claimed while another hand's lease went on`);
      held.set(effectId, until);
    },
    extended: (effectId, until) => void held.set(effectId, until),
    contacted(effectId, isOnce) {
      const count = (contacts.get(effectId) ?? 0) + 1;
      contacts.set(effectId, count);
      // What a person says did not happen may be about to: by a hand that slept while its lease ended.
      const allowed = 1 + (permits.get(effectId) ?? 0);
      if (isOnce) checks.check("4 contact", count <= allowed, () => `${effectId} was contacted ${count} times, ${allowed} were allowed`);
    },
    permit: (effectId) => void permits.set(effectId, (permits.get(effectId) ?? 0) + 1),
    forget: () => held.clear(),
  };
}
