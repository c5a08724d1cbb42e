/** Everything that goes wrong on purpose, and how often: a probability for each time that it could. */
export const FAULT_RATES = {
  "message lost": 0.03,
  "message doubled": 0.08,
  "message delayed": 0.06,
  "send failed": 0.02,
  "conductor killed": 0.004,
  "hand killed": 0.006,
  "person killed": 0.01,
  "died after the claim": 0.03,
  "died after the contact": 0.03,
  "answered after its lease": 0.04,
  "once effect answered much later": 0.15,
  "answered twice": 0.06,
  "answered with a foreign token": 0.05,
  "provider failed": 0.05,
  "provider down for a while": 0.01,
  "tool failed": 0.05,
  "answer of no form": 0.03,
  "answer cut off": 0.02,
  "answer not accepted": 0.05,
  "review rejects": 0.06,
  "bill above its hold": 0.04,
  "bill of an unknown amount": 0.02,
  "clock jumped": 0.004,
  "process and queues lost": 0.0005,
} as const satisfies Readonly<Record<string, number>>;

export type Fault = keyof typeof FAULT_RATES;
export type FaultCounts = Partial<Record<Fault, number>>;

export function addCounts<Key extends string>(into: Partial<Record<Key, number>>, from: Partial<Record<Key, number>>): void {
  for (const key of Object.keys(from) as Key[]) into[key] = (into[key] ?? 0) + (from[key] ?? 0);
}
