declare module "dynalite" {
  import type { Server } from "node:http";

  /** `path` holds the tables; without it they live in memory. Times are those that a table spends in CREATING and so on. */
  export default function dynalite(options: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
