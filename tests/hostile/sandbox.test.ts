import { afterAll, describe, expect, it } from "vitest";
import { createSandbox } from "../../shared/tools/sandbox/create-sandbox.ts";

const sandbox = createSandbox({ entry: "dist/local/sandbox/child.js" });
afterAll(() => sandbox.close());

const run = (code: string, limits: { time_ms?: number; memory_mb?: number } = {}) => sandbox.run({ code, limits });
const SMALL = { memory_mb: 20 };

describe("a program", () => {
  it("gets input and files, prints, and answers with output", async () => {
    const code = `
      const total = files["data/a.csv"].split("\\n").map(Number).reduce((sum, value) => sum + value, 0);
      console.log("total", total, { per: input.count });
      output({ mean: total / input.count });`;
    const result = await sandbox.run({ code, input: { count: 4 }, files: { "data/a.csv": "1\n2\n3\n4" } });
    expect(result).toMatchObject({ ok: true, value: { mean: 2.5 }, logs: ['total 10 {"per":4}'] });
  });

  it("gets null as input and no files when none are sent", async () => {
    expect(await run("output([input, files])")).toMatchObject({ ok: true, value: [null, {}] });
  });

  it("may declare variables named like what it is given", async () => {
    expect(await run("const input = 1; let files = 2; output(input + files)")).toMatchObject({ ok: true, value: 3 });
  });

  it("keeps every character of its files, its logs and its value", async () => {
    const text = "a\u0000b\uFFFF\uD83D\uDE00é\u2028";
    const code = "console.log(files.t); output(files.t)";
    expect(await sandbox.run({ code, files: { t: text } })).toMatchObject({ ok: true, value: text, logs: [text] });
  });

  it("may work in promises", async () => {
    const code = "async function main() { await null; output((await Promise.all([1, 2])).length) } main()";
    expect(await run(code)).toMatchObject({ ok: true, value: 2 });
  });

  it("may use all of its 4 MiB of data, split into cells", async () => {
    const files = { "a.csv": "row,12.5,7,xyz\n".repeat(250_000) };
    const code = `output(files["a.csv"].trim().split("\\n").map((line) => line.split(",")).length)`;
    expect(await sandbox.run({ code, files })).toMatchObject({ ok: true, value: 250_000 });
  });

  it("leaves nothing behind for the next one", async () => {
    await run("globalThis.left = 1; Object.prototype.left = 1; Array.prototype.map = null; output(1)");
    expect(await run("output([typeof left, typeof [].map])")).toMatchObject({ ok: true, value: ["undefined", "function"] });
  });

  it("takes its turn when several are sent at once, and each gets its own answer", async () => {
    const results = await Promise.all([1, 2, 3].map((input) => sandbox.run({ code: "output(input * 10)", input })));
    expect(results).toMatchObject([{ value: 10 }, { value: 20 }, { value: 30 }]);
  });
});

describe("a way out is not there", () => {
  const absent = [
    "process",
    "require",
    "fetch",
    "WebAssembly",
    "setTimeout",
    "setInterval",
    "XMLHttpRequest",
    "Worker",
    "Deno",
    "Bun",
    "module",
  ];
  it.each(absent)("%s is not defined, not even by the constructor of functions", async (name) => {
    const code = `output([typeof ${name}, this.constructor.constructor("return typeof ${name}")(), (0, eval)("typeof ${name}")])`;
    expect(await run(code)).toMatchObject({ ok: true, value: ["undefined", "undefined", "undefined"] });
  });

  it.each(["node:fs", "fs", "./worker.js", "file:///etc/passwd", "data:text/javascript,1", "std", "os", "qjs:std"])(
    "import(%j) is refused",
    async (name) => {
      const code = `import(${JSON.stringify(name)}).then(() => output("loaded"), (error) => output(String(error)))`;
      expect(await run(code)).toMatchObject({ ok: true, value: expect.stringContaining("could not load module") });
    },
  );

  it("what the host put in is made of the guest's own functions", async () => {
    const code = `
      const reach = (value) => value.constructor.constructor("return typeof process + typeof require")();
      output([console.log, output, console, files].map(reach));`;
    expect(await run(code)).toMatchObject({ ok: true, value: Array(4).fill("undefinedundefined") });
  });

  it("a caller is not reachable through a stack trace hook or through arguments", async () => {
    const code = `
      const seen = [];
      Error.prepareStackTrace = (error, frames) => { seen.push(typeof frames[0]?.getThis); return error; };
      try { null.x } catch (error) { error.stack }
      function caller() { try { return typeof caller.caller } catch { return "refused" } }
      output([seen.includes("object"), caller()]);`;
    const result = await run(code);
    expect(result).toMatchObject({ ok: true, value: [false, expect.stringMatching(/^(undefined|object|refused)$/)] });
  });

  it("polluted prototypes stay inside", async () => {
    await run(`Object.prototype.polluted = "yes"; ({}).__proto__.polluted = "yes"; output(JSON.parse('{"__proto__":{"polluted":"yes"}}'))`);
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("what does not end is ended", () => {
  const endless = [
    "for (;;) {}",
    "for (;;) { try { for (;;) {} } finally { continue } }",
    "const again = () => Promise.resolve().then(again); again()",
    "const f = async () => { for (;;) await null }; f()",
    "/(a+)+$/.test('a'.repeat(40) + 'b')",
    "throw { get message() { for (;;) {} }, toString() { for (;;) {} } }",
    "throw new Proxy(new Error('x'), { get() { for (;;) {} } })",
    "output({ toJSON() { for (;;) {} } })",
    "output(new Proxy({}, { ownKeys() { for (;;) {} } }))",
    "console.log({ get x() { for (;;) {} } })",
    "class A { static { for (;;) {} } }",
    "[3, 1, 2].sort(() => { for (;;) {} })",
    "for (const x of { [Symbol.iterator]: () => ({ next: () => ({}) }) }) {}",
  ];
  it.each(endless)("%s", async (code) => {
    expect(await run(code, { time_ms: 100 })).toMatchObject({ ok: false, code: "timeout" });
  });

  it("keeps what was printed before a loop", async () => {
    expect(await run("console.log('here'); for (;;) {}", { time_ms: 100 })).toMatchObject({ code: "timeout", logs: ["here"] });
  });

  it("kills the thread where the engine cannot be interrupted", async () => {
    expect(await run("(3n ** 600000n).toString()", { time_ms: 50 })).toMatchObject({ ok: false, code: "timeout" });
    expect(await run("output(1)")).toMatchObject({ ok: true });
  });

  it("survives powers that no memory holds", async () => {
    expect(await run("3n ** 10000000n", { time_ms: 2_000 })).toMatchObject({ ok: false });
  });
});

describe("memory runs out inside only", () => {
  const bombs = [
    "const all = []; for (;;) all.push(new Uint8Array(1_000_000))",
    "const all = []; for (;;) all.push(new SharedArrayBuffer(1_000_000))",
    "const all = []; for (;;) all.push({})",
    "(() => { let list = {}; for (;;) list = { list } })()",
    "(() => { const map = new Map(); for (let index = 0; ; index += 1) map.set(index, {}) })()",
    "const all = []; for (;;) all.push(() => all)",
    "const all = []; for (;;) all.push(/a/.exec('a'))",
    "const all = []; for (;;) all.push(new Promise(() => {}))",
    "let text = 'x'; for (;;) text = [...(text + text)].join('')",
    "'x'.padEnd(1_000_000_000)",
    "new Array(100_000_000).fill(1)",
    "new ArrayBuffer(8, { maxByteLength: 1e9 }).resize(9e8)",
    "let value = 'a'; for (let index = 0; index < 40; index += 1) value = [value, value]; JSON.stringify(value)",
    "'a'.repeat(1_000_000).replace(/a/g, '$&'.repeat(100_000))",
    "(async () => { let list = {}; for (;;) { list = { list }; await null } })()",
  ];
  it.each(bombs)("%s", async (code) => {
    expect(await run(code, SMALL)).toMatchObject({ ok: false, code: "memory" });
  });

  it("data that do not fit are told apart from a broken engine", async () => {
    const files = { a: "x,".repeat(2_000_000) };
    expect(await sandbox.run({ code: "output(1)", files, limits: { memory_mb: 16 } })).toMatchObject({ ok: false, code: "memory" });
  });

  it("a program may run out of memory, catch it and answer", async () => {
    const code = "let big; try { big = new Uint8Array(1e9) } catch (error) { output(error.message) }";
    expect(await run(code, SMALL)).toMatchObject({ ok: true, value: "out of memory" });
  });
});

describe("recursion ends in an error of the guest", () => {
  const deep = [
    "function f() { f() } f()",
    "function* g() { yield* g() } [...g()]",
    "class A { constructor() { this.a = new A() } } new A()",
    "const o = { toString() { return `${o}` } }; `${o}`",
    "let proxy = {}; for (let index = 0; index < 50_000; index += 1) proxy = new Proxy(proxy, {}); proxy.x",
    "eval('['.repeat(50_000))",
    "JSON.parse('['.repeat(100_000))",
    "let value = []; for (let index = 0; index < 50_000; index += 1) value = [value]; output(value)",
    "const f = () => [1].map(f); f()",
    "const f = () => 'a'.replace('a', f); f()",
  ];
  it.each(deep)("%s", async (code) => {
    expect(await run(code)).toMatchObject({ ok: false, code: "exception", detail: expect.stringContaining("RangeError") });
  });
});

describe("what went wrong is told", () => {
  const told = [
    ["null.x", "TypeError: cannot read property 'x' of null\n    at <eval> (program.js:1:1)"],
    ["const a = ;", "SyntaxError"],
    ["\n\nundefinedName", "program.js:3"],
    ["throw 5", "Thrown: 5"],
    ["throw { code: 7 }", 'Thrown: {"code":7}'],
    ["throw null", "Thrown: null"],
    ["throw undefined", "Thrown: undefined"],
    ["throw Symbol('s')", "Thrown: Symbol(s)"],
    ["throw new Proxy({}, { getPrototypeOf() { throw 1 } })", "cannot be described"],
    ["const error = new Error('m'); error.toString = () => ({}); throw error", "cannot be described"],
    ["async function main() { await null; throw new Error('late') } main()", "Error: late"],
    ["await 1", "SyntaxError"],
    ["import fs from 'fs'", "SyntaxError"],
    ["output(1n)", "TypeError"],
    ["const loop = []; loop.push(loop); output(loop)", "circular"],
    ["output(undefined)", "output needs a JSON value; it got undefined"],
    ["output(() => 1)", "output needs a JSON value; it got function"],
    ["output(1); output(2)", "output was already called"],
    ["output({ toJSON() { output(1); return 2 } })", "output was already called"],
    ["output(1); throw new Error('after')", "Error: after"],
  ] as const;
  it.each(told)("%s", async (code, detail) => {
    expect(await run(code)).toMatchObject({ ok: false, code: "exception", detail: expect.stringContaining(detail) });
  });

  it.each(["1 + 1", "", "new Promise(() => {})", "Promise.reject()?.x"])("no answer is an error: %j", async (code) => {
    expect(await run(code)).toMatchObject({ ok: false, code: "no_output" });
  });

  it("the description of an error is cut", async () => {
    const result = await run("throw new Error('x'.repeat(1_000_000))");
    expect(result).toMatchObject({ ok: false, code: "exception", detail: `Error: ${"x".repeat(1_993)}` });
  });
});

describe("what a program says is limited", () => {
  it("keeps 1,000 lines of a million and says that there were more", async () => {
    const result = await run("for (let index = 0; index < 1_000_000; index += 1) console.log(index); output(1)", { time_ms: 20_000 });
    expect(result).toMatchObject({ ok: true, value: 1 });
    expect(result.logs).toHaveLength(1_000);
    expect(result.logs.at(-1)).toBe("(later lines were not kept)");
  });

  it("keeps 64 KiB of printed text, and 2,000 characters of a line", async () => {
    const result = await run("for (let index = 0; index < 100; index += 1) console.log('x'.repeat(1e6)); output(1)");
    expect(result.logs[0]).toHaveLength(2_000);
    expect(Buffer.byteLength(result.logs.join("\n"))).toBeLessThanOrEqual(64 * 1024);
  });

  it("prints what cannot be printed without failing", async () => {
    const code = `
      const loop = []; loop.push(loop);
      console.log(1n, Symbol("s"), undefined, () => 1, loop, { toJSON() { throw 1 }, toString() { throw 2 } }, new Error("e"));
      output(1)`;
    const line = "1 Symbol(s) undefined () => 1 [a value that cannot be printed] [a value that cannot be printed] Error: e";
    expect((await run(code)).logs).toEqual([line]);
  });

  it("takes a value of 128 KiB of JSON and not a byte more", async () => {
    expect(await run("output('x'.repeat(128 * 1024 - 2))")).toMatchObject({ ok: true });
    expect(await run("output('x'.repeat(128 * 1024 - 1))")).toMatchObject({ ok: false, code: "too_large" });
    expect(await run("output('é'.repeat(100_000))")).toMatchObject({ ok: false, code: "too_large" });
  });

  it("takes a value of 100 levels and not one more", async () => {
    const nested = (levels: number) =>
      `let value = '['; for (let index = 1; index < ${levels}; index += 1) value = [value]; output([value])`;
    expect(await run(nested(100))).toMatchObject({ ok: true });
    expect(await run(nested(101))).toMatchObject({ ok: false, code: "too_large" });
  });

  it("cannot be talked into more by patched built-ins", async () => {
    const code = `
      JSON.stringify = () => '"' + "x".repeat(500_000) + '"';
      String.prototype.slice = function () { return this };
      Object.defineProperty(Object.prototype, "0", { get: () => "y".repeat(500_000) });
      Reflect.apply = () => "z".repeat(500_000);
      console.log("line");
      output("value");`;
    expect(await run(code)).toMatchObject({ ok: true, value: "value", logs: ["line"] });
  });
});

describe("what is too much is not even started", () => {
  it("refuses a program of more than 100 kB", async () => {
    expect(await run(`/*${"x".repeat(100_000)}*/output(1)`)).toMatchObject({ ok: false, code: "too_large" });
  });

  it("refuses input and files of more than 4 MiB together", async () => {
    const half = "x".repeat(2 * 1024 * 1024);
    expect(await sandbox.run({ code: "output(1)", input: half, files: { a: half } })).toMatchObject({ ok: false, code: "too_large" });
  });
});
