import { functionTable } from "../../../functions/function-table.ts";
import { queueTable } from "../../../functions/queue-table.ts";
import { listApiMethods } from "../template/api.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { listStates } from "../template/state-machines.ts";
import { type Rule, saying } from "./rule.ts";

/** API Gateway's own, for an answer that does not stream. */
const BUFFERED_SECONDS = 29;

/**
 * Whoever waits waits longer than what it waits for, so that each failure is told by the one nearest to it: API Gateway longer than its
 * function, a function longer than the database takes to wake or its hand to do a batch, a hand longer than the sandbox, a state longer than
 * the watchdog that beats for it.
 */
export const timeouts: Rule = ({ assembly }) => {
  const deployed = listDeployed(assembly);
  const secondsOf = new Map(deployed.map(({ entry, properties }) => [entry, Number(properties["Timeout"])]));
  const gateway = listApiMethods(assembly).flatMap(({ method, path, entry, isStream, timeoutMilliseconds }) => {
    const seconds = entry === undefined ? 0 : (secondsOf.get(entry) ?? 0);
    return saying(
      [
        timeoutMilliseconds / 1_000 <= seconds,
        `API Gateway gives up ${method} ${path} after ${timeoutMilliseconds} ms, ${entry ?? ""} after ${seconds} s.`,
      ],
      [
        !isStream && timeoutMilliseconds > BUFFERED_SECONDS * 1_000,
        `${method} ${path} waits ${timeoutMilliseconds} ms, which API Gateway refuses.`,
      ],
    );
  });
  const database = deployed.flatMap(({ entry, environment }) => {
    const wait = Number(environment["DATABASE_CONNECT_SECONDS"] ?? 0);
    return saying([wait >= (secondsOf.get(entry) ?? 0), `${entry} waits ${wait} s for its database and is stopped before it can say so.`]);
  });
  const hands = Object.values(queueTable).flatMap((queue) => {
    if (!("hand" in queue)) return [];
    const rounds = Math.ceil(queue.batchSize / queue.hand.atOnce);
    const [needed, seconds] = [rounds * queue.hand.effectSeconds, secondsOf.get(queue.consumer) ?? 0];
    return saying([seconds <= needed, `${queue.consumer} is stopped after ${seconds} s, but a batch may take it ${needed} s.`]);
  });
  const sandbox = secondsOf.get("tool-runner/sandbox") ?? 0;
  const [waits, beat] = [secondsOf.get("tool-runner/tool-worker") ?? 0, functionTable["orchestrator/conductor"].timeoutSeconds];
  return [
    ...gateway,
    ...database,
    ...hands,
    ...saying([waits <= sandbox, `tool-runner/tool-worker is stopped after ${waits} s, before the sandbox is (${sandbox} s).`]),
    ...listStates(assembly).flatMap(({ name, state }) => {
      const heartbeat = Number(state["HeartbeatSeconds"] ?? Number.NaN);
      // The conductor is woken every 900 s at the latest, and then beats.
      return saying([
        heartbeat <= 900 + beat,
        `The state ${name} gives its phase up after ${heartbeat} s, before the watchdog beats for it.`,
      ]);
    }),
  ];
};
