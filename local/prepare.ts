import { ensureTemplate } from "./database/template.ts";
import { projectRoot } from "./state-folder.ts";

/** After an installation: makes the database template, so that the first start has none to make. */
export async function main(): Promise<number> {
  await ensureTemplate(projectRoot());
  return 0;
}
