import * as z from "zod";
import type { LookupTable } from "../aws/lookup-table.ts";
import { invalidRequest } from "../errors.ts";
import type { Binding } from "./bind-route.ts";
import { requireIdentity } from "./incoming.ts";

const Key = z.string().regex(/^[\x21-\x7e]{1,255}$/);

/**
 * Gives a binding the promise of the Idempotency-Key header: for a day the same key and request get the first answer again; another
 * request under that key, or the same while the first still runs, is refused. Only successes are kept: after a failure nothing was
 * created, and the key is free. A request without the header is carried out as ever.
 */
export function answerOnce(table: LookupTable): (binding: Binding) => Binding {
  return (binding) => ({
    route: binding.route,
    prepare(incoming) {
      const run = binding.prepare(incoming);
      const header = incoming.headers["idempotency-key"];
      if (header === undefined) return run;
      const key = Key.safeParse(header);
      if (!key.success) throw invalidRequest("Idempotency-Key must be 1 to 255 visible ASCII characters");
      const { workspaceId, userId } = requireIdentity(incoming);
      const recordKey = `idem#${workspaceId}#${binding.route.id}#${key.data}`;
      return async (newId) => {
        const { carryOutOnce } = await import("./carry-out-once.ts");
        return carryOutOnce(table, { key: recordKey, incoming, userId, newId }, run);
      };
    },
  });
}
