import { apiMutations } from "./api-mutations.ts";
import { functionMutations } from "./function-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { networkMutations } from "./network-mutations.ts";
import { permissionMutations } from "./permission-mutations.ts";
import { queueMutations } from "./queue-mutations.ts";
import { stackMutations } from "./stack-mutations.ts";
import { storeMutations } from "./store-mutations.ts";

/** Every mistake that is made on purpose, to see its rule notice. */
export const mutations: readonly Mutation[] = [
  ...queueMutations,
  ...functionMutations,
  ...networkMutations,
  ...permissionMutations,
  ...apiMutations,
  ...storeMutations,
  ...stackMutations,
];
