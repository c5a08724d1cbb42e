import { isBuiltin } from "node:module";
import { codeWall, cycleWall, importWall, nameWall, reachWall, type Wall } from "./wall-kinds.ts";

/** Each concern may import those before it. */
const concerns = ["platform", "effects", "auth", "usage", "prompts", "llm", "tools", "memory", "agents", "orchestration", "doors"];

const isTest = (file: string) => /\.test\.ts$|^tests\//.test(file);
const isContract = (file: string) => /^shared\/.*\/(?:contract|contracts\/[\w-]+)\.ts$/.test(file);
const isDomain = (file: string) => /^shared\/[^/]+\/domain\//.test(file) && !isTest(file);
const isSandbox = (file: string) => file.startsWith("shared/tools/sandbox/") && !isTest(file);
const isSql = (file: string) => /\/sql(?:\.ts|\/)|^shared\/platform\/db\//.test(file);
const isData = (file: string) => /^(?:prompts|migrations)\/|^docs\/openapi\.json$/.test(file);
const isShared = (file: string) => file.startsWith("shared/");
const isOurs = (file: string) => /^(?:shared|functions|local|cli|infra)\//.test(file);
const isDeployed = (file: string) => /^(?:shared|functions)\//.test(file) && !isTest(file);

/** Functions, queues, and who answers which route: contracts alone, so that the gateway can tell of all. */
const isSystemList = (file: string) => /^functions\/(?:route|function|queue)-table\.ts$/.test(file);

const concernOf = (file: string) => /^shared\/([^/]+)\//.exec(file)?.[1] ?? "";
const serviceOf = (file: string) => /^functions\/([^/]+)\//.exec(file)?.[1];
/** An import that is no file of this repository: a package, or a module of Node. */
const isPackage = (file: string | undefined): file is undefined => file === undefined;

/** Packages that do nothing but compute, in a browser as well. */
const computes = (specifier: string) => /^(?:zod|re2js|ajv\/.+)$/.test(specifier);

/** A vendor's client is imported in one place; everybody else speaks our verbs. */
const vendorWall = (vendor: RegExp, home: RegExp) =>
  importWall(
    (file) => isDeployed(file) && !home.test(file),
    ({ specifier, isTypeOnly }) => isTypeOnly || !vendor.test(specifier),
  );

/** The walls between the parts of this repository. `walls.test.ts` holds them, and breaks each of them once to see it hold. */
export const walls = {
  "a concern imports only itself and the concerns before it": importWall(isShared, ({ file }, from) => {
    if (isPackage(file) || !isShared(file)) return true;
    const [own, other] = [concernOf(from), concernOf(file)].map((name) => concerns.indexOf(name));
    return own !== undefined && other !== undefined && other >= 0 && other <= own;
  }),
  "shared code imports nothing but shared code and texts": importWall(
    isShared,
    ({ file }, from) => isPackage(file) || isShared(file) || isData(file) || (isTest(from) && /^tests\/|^package\.json$/.test(file)),
  ),
  "a function imports shared code and its own service, never another": importWall(
    (file) => serviceOf(file) !== undefined && !isTest(file),
    ({ file }, from) => isPackage(file) || isShared(file) || isData(file) || isSystemList(file) || serviceOf(file) === serviceOf(from),
  ),
  "the lists of functions, queues and routes import contracts, so that whoever reads them gets no handler with them": importWall(
    isSystemList,
    ({ file }) =>
      isPackage(file) ? false : isContract(file) || isSystemList(file) || /^shared\/platform\/(?:api\/)?[\w-]+\.ts$/.test(file),
  ),
  "infra imports contracts and names of settings, never statements or clients": importWall(
    (file) => file.startsWith("infra/"),
    ({ file, specifier }) =>
      isPackage(file)
        ? !/^@aws-sdk\/|^pg$|^ioredis$|^openai$/.test(specifier)
        : isContract(file) || isSystemList(file) || /^infra\/|^shared\/platform\/(?:(?:config|api)\/|money\.ts$)/.test(file),
  ),
  "the command line and the embedded run import no infrastructure code": importWall(
    (file) => /^(?:local|cli)\//.test(file),
    ({ file }) => isPackage(file) || !/^infra\/.*\.ts$/.test(file),
  ),
  "a contract imports schemas, limits, other contracts and the platform": importWall(isContract, ({ file, specifier }) =>
    isPackage(file) ? computes(specifier) : isContract(file) || /^shared\/platform\/|\/limits\.ts$/.test(file),
  ),
  "a contract reaches nothing that a browser has not": reachWall(
    isContract,
    ({ file, specifier }) => !isPackage(file) || computes(specifier),
  ),
  "a domain reaches no module that could do more than compute": reachWall(
    isDomain,
    ({ file, specifier }) => !isPackage(file) || computes(specifier),
  ),
  "a domain knows no clock, no chance and no environment": codeWall(
    isDomain,
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\brandom[A-Z]\w*\(|\bprocess\.|\bset(?:Timeout|Interval|Immediate)\b|\bfetch\(/,
  ),
  "statements stand in sql files only": codeWall(
    // The sandbox has a database of its own, which is nobody's.
    (file) => isOurs(file) && !isSql(file) && !isSandbox(file) && !isTest(file),
    /(?:^|[`"'(])\s*(?:SELECT\s+\S+|INSERT\s+INTO\s+\S+|UPDATE\s+[\w.]+\s+SET\b|DELETE\s+FROM\s+\S+|WITH\s+\w+\s+AS\s+\()/m,
  ),
  "the sandbox imports its engine, what reads a request, and itself": importWall(isSandbox, ({ file, specifier }) =>
    isPackage(file)
      ? isBuiltin(specifier) || /^(?:zod|quickjs-emscripten-core|@jitl\/.+|sql\.js(?:\/.+)?)$/.test(specifier)
      : isSandbox(file) || /^shared\/platform\/(?:json|errors)\.ts$/.test(file),
  ),
  "the database client is imported by the pool alone": vendorWall(/^pg$|^@electric-sql\//, /^shared\/platform\/db\//),
  "the cache client is imported by the cache alone": vendorWall(/^ioredis$/, /^shared\/platform\/cache\//),
  "a model's client is imported by the hands of llm alone": vendorWall(/^openai(?:$|\/)|^@anthropic-ai\//, /^shared\/llm\/hands\//),
  "schemas are imported as a namespace, which costs a fifth": importWall(
    () => true,
    ({ specifier, clause, isTypeOnly }) => !/^zod(?:$|\/)/.test(specifier) || isTypeOnly || clause.startsWith("* as "),
  ),
  "what schemas say of themselves is written down before a function starts": codeWall(isDeployed, /\btoJSONSchema\b/),
  "an import names its file with the ending": importWall(isOurs, ({ file }) => isPackage(file) || /\.(?:ts|mjs|json|md|sql)$/.test(file)),
  "no file needs itself": cycleWall,
  "no barrels, and no drawers for what nobody named": nameWall(
    isOurs,
    (file) => !/(?:^|[/-])(?:index|utils?|helpers?|common|misc|manager|service)(?:\.test)?(?:\.ts$|\/)/.test(file),
  ),
  "names are in kebab-case": nameWall(isOurs, (file) =>
    /^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*\.(?:ts|mjs)$/.test(file),
  ),
} satisfies Record<string, Wall>;
