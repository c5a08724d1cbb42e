import { DBOS } from "@dbos-inc/dbos-sdk";

/** A workflow for each DAG; a step for each task, begun as soon as the steps it depends on have ended. */
const carryOut = DBOS.registerWorkflow(
  async (shape) => {
    const ends = [];
    for (const [index, parents] of shape.entries()) {
      const inputs = Promise.all(parents.map((parent) => ends[parent]));
      ends.push(inputs.then(() => DBOS.runStep(async () => "done", { name: `task-${index}` })));
    }
    await Promise.all(ends);
    return ends.length;
  },
  { name: "carryOut" },
);

export async function openDbos(url) {
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: url, systemDatabasePoolSize: 10, logLevel: "error" });
  await DBOS.launch();
  return {
    /** Seconds from the start of the first workflow until the result of the last. */
    async run(shape, count) {
      const begun = performance.now();
      const handles = [];
      for (let index = 0; index < count; index += 1) handles.push(await DBOS.startWorkflow(carryOut)(shape));
      const sizes = await Promise.all(handles.map((handle) => handle.getResult()));
      const seconds = (performance.now() - begun) / 1_000;
      if (sizes.some((size) => size !== shape.length)) throw new Error("DBOS left tasks out");
      return seconds;
    },
  };
}
