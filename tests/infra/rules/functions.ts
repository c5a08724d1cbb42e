import { functionTable } from "../../../functions/function-table.ts";
import { listDeployed } from "../template/deployed-functions.ts";
import { listOf, listResources, property } from "../template/resources.ts";
import { compareLists, type Rule, saying } from "./rule.ts";

/** Every function of the table is there, as the table says it, on the runtime that the bundles are made for; all of them can be traced. */
export const functions: Rule = ({ assembly, config }) => {
  const deployed = listDeployed(assembly);
  return [
    ...compareLists(
      deployed.map(({ entry }) => entry),
      Object.keys(functionTable),
      {
        missing: (entry) => `The function ${entry} of functions/function-table.ts is in no template.`,
        extra: (entry) => `The template has a function ${entry} that functions/function-table.ts does not know.`,
      },
    ),
    ...deployed.flatMap(({ entry, settings, properties }) =>
      saying(
        [
          properties["Timeout"] !== settings.timeoutSeconds,
          `${entry} is stopped after ${String(properties["Timeout"])} s, not ${settings.timeoutSeconds} s.`,
        ],
        [
          properties["MemorySize"] !== settings.memoryMegabytes,
          `${entry} has ${String(properties["MemorySize"])} MB, not ${settings.memoryMegabytes} MB.`,
        ],
        [properties["Handler"] !== "index.handler", `${entry} begins at ${String(properties["Handler"])}, where its bundle has nothing.`],
        [
          config.reservedConcurrency ? false : properties["ReservedConcurrentExecutions"] !== undefined,
          `${entry} reserves concurrency where the switch reservedConcurrency is off: a fresh account refuses that.`,
        ],
      ),
    ),
    ...listResources(assembly, "AWS::Lambda::Function").flatMap((located) => {
      const isSandbox = deployed.some(({ path, settings }) => path === located.path && settings.zone === "sandbox");
      const isTraced = property(located, "TracingConfig", "Mode") === "Active";
      return saying(
        [
          located.properties["Runtime"] !== "nodejs24.x",
          `${located.path} runs on ${String(located.properties["Runtime"])}, not on nodejs24.x.`,
        ],
        [
          listOf(located.properties["Architectures"]).join() !== "arm64",
          `${located.path} is not made for arm64, which costs a fifth less.`,
        ],
        [!isSandbox && !isTraced, `${located.path} is not traced.`],
        [isSandbox && isTraced, `${located.path} is traced: untrusted code would have a way to write.`],
      );
    }),
  ];
};
