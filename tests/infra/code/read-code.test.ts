import { describe, expect, test } from "vitest";
import { readCode } from "./read-code.ts";

const commandsOf = (text: string) => readCode(text).commands;

describe("an SDK command is one that a function can send", () => {
  test("when its code does so at once", () => {
    expect(commandsOf(`const { GetItemCommand } = await import("sdk"); send(new GetItemCommand({}));`)).toEqual(["GetItemCommand"]);
  });

  test("when it is imported under another name", () => {
    expect(commandsOf(`const { PutItemCommand: Put } = await import("sdk"); send(new Put({}));`)).toEqual(["PutItemCommand"]);
  });

  test("when it pages or waits by a helper of the SDK", () => {
    expect(commandsOf(`import { paginateScan, waitUntilTableExists } from "sdk"; paginateScan(); waitUntilTableExists();`)).toEqual([
      "paginateScan",
      "waitUntilTableExists",
    ]);
  });

  test("when a function sends it that the handler calls, however far away", () => {
    const text = `function a() { b(); } function b() { new DeleteItemCommand(); } export const handler = () => a();`;

    expect(commandsOf(text)).toEqual(["DeleteItemCommand"]);
  });

  test("but not when nothing calls the function that sends it", () => {
    expect(commandsOf(`function a() { new DeleteItemCommand(); } export const handler = () => 1;`)).toEqual([]);
  });

  test("when a method sends it that somebody takes from an object", () => {
    const outbox = `const createOutbox = () => ({ send() { new SendMessageCommand(); }, stop: () => new StopExecutionCommand() });`;

    expect(commandsOf(`${outbox} export const handler = () => createOutbox();`)).toEqual([]);
    expect(commandsOf(`${outbox} export const handler = () => createOutbox().send();`)).toEqual(["SendMessageCommand"]);
    expect(commandsOf(`${outbox} export const handler = () => { const { stop } = createOutbox(); stop(); };`)).toEqual([
      "StopExecutionCommand",
    ]);
  });

  test("when an object of a module that is loaded late has the method that sends it", () => {
    const late = `var files, init_files = __esm({ "shared/files.ts"() { files = { store() { new PutObjectCommand(); } }; } });
      var __esm = (parts) => () => parts;`;

    expect(commandsOf(`${late} export const handler = () => { init_files(); files.store(); };`)).toEqual(["PutObjectCommand"]);
    expect(commandsOf(`${late} export const handler = () => init_files();`)).toEqual([]);
  });

  test("when it is chosen from an object by a name that is known at run time only", () => {
    const steps = `const steps = { read: () => new GetItemCommand(), write: () => new PutItemCommand() };`;

    expect(commandsOf(`${steps} export const handler = (event) => steps[event.name]();`)).toEqual(["GetItemCommand", "PutItemCommand"]);
    expect(commandsOf(`${steps} export const handler = () => Object.values(steps);`)).toEqual(["GetItemCommand", "PutItemCommand"]);
  });

  test("when a package is handed what sends it", () => {
    const text = `import { Pool } from "pg"; export const handler = () => new Pool({ password: () => new GetSecretValueCommand() });`;

    expect(commandsOf(text)).toEqual(["GetSecretValueCommand"]);
  });

  test("when a class of a package is extended by what sends it", () => {
    const text = `import { Writable } from "node:stream"; class Sink extends Writable { _write() { new PutObjectCommand(); } } new Sink();`;

    expect(commandsOf(text)).toEqual(["PutObjectCommand"]);
  });
});

describe("a variable of the environment is one that a function reads", () => {
  const variablesOf = (text: string) => readCode(text).variables.map(({ name, isOptional }) => `${name}${isOptional ? "?" : ""}`);

  test("by its name", () => {
    expect(variablesOf(`export const handler = () => readVariable("LOOKUP_TABLE");`)).toEqual(["LOOKUP_TABLE"]);
  });

  test("by a schema, with those that it does without marked", () => {
    const schema = `const Env = z.object({ DATABASE_URL: z.string(), LEASE_SECONDS: z.coerce.number().default(90), OPENAI_KEY: z.string().optional() });`;

    expect(variablesOf(`${schema} export const handler = () => readEnv(Env);`)).toEqual(["DATABASE_URL", "LEASE_SECONDS?", "OPENAI_KEY?"]);
  });

  test("by a schema that extends another", () => {
    const schema = `const Base = z.object({ DATABASE_URL: z.string() }); const Env = Base.extend({ CACHE_URL: z.string() });`;

    expect(variablesOf(`${schema} export const handler = () => readEnv(Env);`)).toEqual(["CACHE_URL", "DATABASE_URL"]);
  });

  test("from the environment itself", () => {
    expect(variablesOf(`export const handler = () => process.env["LOG_LEVEL"] ?? process.env.NODE_ENVIRONMENT;`)).toEqual([
      "LOG_LEVEL?",
      "NODE_ENVIRONMENT?",
    ]);
  });

  test("but not by a schema that nobody reads it with, and not in a function that nobody calls", () => {
    expect(variablesOf(`const Env = z.object({ DATABASE_URL: z.string() });`)).toEqual([]);
    expect(variablesOf(`function read() { readVariable("LOOKUP_TABLE"); }`)).toEqual([]);
  });

  test("as required when one place needs it and another does without", () => {
    const text = `readEnv(z.object({ CACHE_URL: z.string().optional() })); readVariable("CACHE_URL");`;

    expect(variablesOf(text)).toEqual(["CACHE_URL"]);
  });

  test("or the reading is refused when a name or a schema cannot be seen", () => {
    expect(() => readCode(`export const handler = (name) => readVariable(name);`)).toThrow("a name that is not written there");
    expect(() => readCode(`export const handler = (schema) => readEnv(schema);`)).toThrow("cannot be read here");
  });
});

describe("a variable is used", () => {
  const open = `const open = (env) => createOutbox({ llmQueueUrl: env.LLM_QUEUE_URL, controlQueueUrl: env.CONTROL_QUEUE_URL });`;
  const env = `const Env = z.object({ LLM_QUEUE_URL: z.string(), CONTROL_QUEUE_URL: z.string() });`;
  const outbox = `const createOutbox = (addresses) => ({ hint: () => addresses.controlQueueUrl, send: () => addresses.llmQueueUrl });`;

  test("when the name that it is handed on under is taken by code that may run", () => {
    const text = `${env} ${outbox} ${open} export const handler = () => open(readEnv(Env)).hint();`;

    expect(readCode(text).used).toEqual(["CONTROL_QUEUE_URL"]);
  });

  test("when it is read where it is needed", () => {
    expect(readCode(`${env} export const handler = () => readEnv(Env).LLM_QUEUE_URL;`).used).toEqual(["LLM_QUEUE_URL"]);
    expect(readCode(`${env} export const handler = () => { const { LLM_QUEUE_URL: url } = readEnv(Env); return url; };`).used).toEqual([
      "LLM_QUEUE_URL",
    ]);
  });
});
