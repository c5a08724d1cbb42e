import { makeQuestion } from "./make-question.ts";
import { makeTable, type Table } from "./make-table.ts";
import { readRows } from "./oracle.ts";
import { phraseFilter, phraseQuestion } from "./phrase-question.ts";
import type { Filter, Question } from "./questions.ts";
import { createRandom, type Random } from "./random.ts";

/** What must be true of a task once it is completed. */
export type Expected =
  | { readonly kind: "read"; readonly path: string; readonly rows: number }
  | { readonly kind: "question"; readonly question: Question; readonly table: Table; readonly within: Filter | null }
  | { readonly kind: "rows"; readonly table: Table; readonly filter: Filter }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "best"; readonly question: Question; readonly table: Table; readonly direction: "highest" | "lowest" }
  /** A task with several results, in order. */
  | { readonly kind: "all"; readonly parts: readonly Expected[] }
  | { readonly kind: "file"; readonly path: string; readonly text: string | null; readonly of: readonly number[] };

export type ExpectedTask = { readonly depends_on: readonly number[]; readonly expected: Expected };

export type GeneratedGoal = {
  readonly seed: number;
  readonly shape: string;
  readonly goal: string;
  readonly files: Readonly<Record<string, string>>;
  readonly tasks: readonly ExpectedTask[];
};

type Draft = { readonly goal: string; readonly tasks: readonly ExpectedTask[]; readonly tables: readonly Table[] };
type Shape = (random: Random) => Draft;

const SHAPES: Readonly<Record<string, Shape>> = {
  sentence,
  diamond,
  chain,
  parallel,
  permuted,
  prose,
  arithmetic,
  numbers,
  ranking,
  text,
  twoFiles,
  bullets,
  narrowed,
  compound,
};

export function makeGoal(seed: number): GeneratedGoal {
  const random = createRandom(seed);
  const names = Object.keys(SHAPES);
  const shape = names[seed % names.length] ?? "sentence";
  const made = SHAPES[shape]?.(random);
  if (made === undefined) throw new Error(`unknown shape ${shape}`);
  const files = Object.fromEntries(made.tables.map((table) => [table.path, table.csv]));
  return { seed, shape, goal: made.goal, files, tasks: made.tasks };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const rowsOf = (table: Table): number => readRows(table.csv).length;
const read = (table: Table): Expected => ({ kind: "read", path: table.path, rows: rowsOf(table) });
const asked = (question: Question, table: Table, within: Filter | null = null): Expected => ({ kind: "question", question, table, within });
const file = (path: string, of: readonly number[], text: string | null = null): Expected => ({ kind: "file", path, text, of });

function numbered(steps: readonly string[], random: Random): string {
  const [before, separator] = random.pick([
    [(n: number) => `${n}. `, " "],
    [(n: number) => `${n}. `, "\n"],
    [(n: number) => `${n}) `, "\n"],
    [(n: number) => `Step ${n}: `, "\n"],
  ] as const);
  return steps.map((step, index) => `${before(index + 1)}${capital(step)}.`).join(separator);
}

function using(steps: readonly number[], random: Random): string {
  const list = steps.length === 1 ? `step ${steps[0]}` : `steps ${steps.slice(0, -1).join(", ")} and ${steps.at(-1)}`;
  return random.pick([`using ${list}, `, `using the result${steps.length > 1 ? "s" : ""} of ${list}, `, `based on ${list}, `]);
}

function sentence(random: Random): Draft {
  const table = makeTable(random);
  const question = makeQuestion(table, random);
  const text = phraseQuestion(question, table.path, random);
  const goal = capital(text) + (/^(?:what|how)/iu.test(text) ? "?" : random.pick([".", ""]));
  return { goal, tables: [table], tasks: [{ depends_on: [], expected: asked(question, table) }] };
}

function diamond(random: Random): Draft {
  const table = makeTable(random);
  const [left, right] = [makeQuestion(table, random, { isGrouped: true }), makeQuestion(table, random, { isGrouped: true })];
  const path = random.pick(["report.md", "out/summary.md"]);
  const besides = random.pick(["in parallel with step 2, ", "at the same time as step 2, "]);
  const goal = numbered(
    [
      `read ${table.path}`,
      `${using([1], random)}${phraseQuestion(left, null, random)}`,
      `${besides}${phraseQuestion(right, null, random)}`,
      `${using([2, 3], random)}${random.pick(["write a report with both tables to", "write a report to", "create a report with the tables in"])} ${path}`,
    ],
    random,
  );
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: asked(left, table) },
    { depends_on: [1], expected: asked(right, table) },
    { depends_on: [2, 3], expected: file(path, [2, 3]) },
  ];
  return { goal, tables: [table], tasks };
}

function chain(random: Random): Draft {
  const table = makeTable(random);
  const { filter } = makeQuestion(table, random, { isFiltered: true });
  if (filter === null) throw new Error("the question has a filter");
  const question = makeQuestion(table, random, { isFiltered: false });
  const path = random.pick(["out.csv", "result.md", "out/data.json", "result.txt"]);
  const goal = numbered(
    [
      `read ${table.path}`,
      `${using([1], random)}${random.pick(["filter the rows", "keep only the rows", "list the rows"])} ${phraseFilter(filter, random).replace(/^for (?:the )?rows /u, "")}`,
      `${using([2], random)}${phraseQuestion(question, null, random)}`,
      `${using([3], random)}${random.pick(["write the result to", "save it to", "write it to"])} ${path}`,
    ],
    random,
  );
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: { kind: "rows" as const, table, filter } },
    { depends_on: [2], expected: asked(question, table, filter) },
    { depends_on: [3], expected: file(path, [3]) },
  ];
  return { goal, tables: [table], tasks };
}

function parallel(random: Random): Draft {
  const table = makeTable(random);
  const questions = Array.from({ length: 2 + random.below(3) }, () => makeQuestion(table, random));
  const steps = questions.map((question) => phraseQuestion(question, table.path, random));
  const report = random.pick([
    "write a report of all results to all.md",
    "write a report to all.md",
    "write a report of everything to all.md",
  ]);
  const ordinals = questions.map((_, index) => index + 1);
  const tasks = [
    ...questions.map((question) => ({ depends_on: [], expected: asked(question, table) })),
    { depends_on: ordinals, expected: file("all.md", ordinals) },
  ];
  return { goal: numbered([...steps, report], random), tables: [table], tasks };
}

/** Steps stand in an order of their own and refer forward. */
function permuted(random: Random): Draft {
  const table = makeTable(random);
  const [first, second] = [makeQuestion(table, random), makeQuestion(table, random)];
  const goal = numbered(
    [
      `${using([2, 3], random)}write a report with all results to report.md`,
      `${using([4], random)}${phraseQuestion(first, null, random)}`,
      `after step 4, ${phraseQuestion(second, table.path, random)}`,
      `read ${table.path}`,
    ],
    random,
  );
  const tasks = [
    { depends_on: [2, 3], expected: file("report.md", [2, 3]) },
    { depends_on: [4], expected: asked(first, table) },
    { depends_on: [4], expected: asked(second, table) },
    { depends_on: [], expected: read(table) },
  ];
  return { goal, tables: [table], tasks };
}

function prose(random: Random): Draft {
  const table = makeTable(random);
  const question = makeQuestion(table, random);
  const asks = phraseQuestion(question, null, random);
  const path = random.pick(["result.md", "result.json", "result.txt"]);
  const goal = random.pick([
    `First read ${table.path}. Then ${asks}. Finally, write the result to ${path}.`,
    `Read ${table.path}, then ${asks}, and finally write the result to ${path}.`,
    `Read ${table.path}. After that, ${asks}. Then save it as ${path}.`,
  ]);
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: asked(question, table) },
    { depends_on: [2], expected: file(path, [2]) },
  ];
  return { goal, tables: [table], tasks };
}

function arithmetic(random: Random): Draft {
  const number = (): number => (random.chance(0.3) ? random.below(1_000) / 10 : random.below(100) + 1);
  const [a, b, c, d] = [number(), number(), number(), number()];
  const [text, value] = random.pick([
    [`${a} * (${b} + ${c})`, a * (b + c)],
    [`(${a} - ${b}) / ${c + 1} + ${d}`, (a - b) / (c + 1) + d],
    [`the sum of ${a}, ${b} and ${c}`, a + b + c],
    [`the average of ${a}, ${b}, ${c} and ${d}`, (a + b + c + d) / 4],
    [`${a} plus ${b} minus ${c}`, a + b - c],
    [`(${random.below(90) + 5}% of 0) + ${a} * -${b}`, a * -b],
    [`2^${random.below(10)} * ${a} - 2^0`, Number.NaN],
    [`${a} times ${b} divided by ${d + 1}`, (a * b) / (d + 1)],
  ] as const);
  const power = /2\^(\d+)/u.exec(text);
  const result = Number.isNaN(value) ? 2 ** Number(power?.[1]) * a - 1 : value;
  const path = random.pick(["answer.txt", "answer.json", "answer.md"]);
  const verb = random.pick(["compute", "calculate", "what is"]);
  const isOne = random.chance(0.5) && verb !== "what is";
  const goal = isOne
    ? `${capital(verb)} ${text} and write the result to ${path}`
    : `1. ${capital(verb)} ${text}\n2. Using step 1, write the result to ${path}`;
  const tasks = [
    { depends_on: [], expected: { kind: "number" as const, value: result } },
    { depends_on: [1], expected: file(path, [1]) },
  ];
  return { goal, tables: [], tasks };
}

function numbers(random: Random): Draft {
  const table = makeTable(random);
  const count: Question = { measures: [{ kind: "rows" }], group: [], filter: null };
  const key = random.pick(table.columns.filter((column) => column.kind === "key"));
  const distinct: Question = { measures: [{ kind: "distinct", column: key.name }], group: [], filter: null };
  const rows = rowsOf(table);
  const different = new Set(readRows(table.csv).flatMap((row) => (row[key.name] === "" ? [] : [row[key.name]]))).size;
  const [text, value] = random.pick([
    ["add the results of steps 2 and 3", rows + different],
    ["multiply the result of step 2 by the result of step 3", rows * different],
    ["subtract the result of step 3 from the result of step 2", rows - different],
    ["compute the result of step 2 + 3 * step 3", rows + 3 * different],
    ["using steps 2 and 3, compute the sum of both results", rows + different],
  ] as const);
  const goal = numbered(
    [
      `read ${table.path}`,
      `${using([1], random)}${phraseQuestion(count, null, random)}`,
      `${using([1], random)}${phraseQuestion(distinct, null, random)}`,
      text,
      "write the result of step 4 to n.txt",
    ],
    random,
  );
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: asked(count, table) },
    { depends_on: [1], expected: asked(distinct, table) },
    { depends_on: [2, 3], expected: { kind: "number" as const, value } },
    { depends_on: [4], expected: file("n.txt", [4]) },
  ];
  return { goal, tables: [table], tasks };
}

function ranking(random: Random): Draft {
  const table = makeTable(random);
  const key = random.pick(table.columns.filter((column) => column.kind === "key"));
  const column = random.pick(table.columns.filter((candidate) => candidate.kind === "number"));
  const isCount = random.chance(0.4);
  const question: Question = {
    measures: [isCount ? { kind: "rows" } : { kind: "mean", column: column.name }],
    group: [key.name],
    filter: null,
  };
  const direction = random.pick(["highest", "lowest"] as const);
  const name = `"${key.name}"`;
  const goal = numbered(
    [
      `${isCount ? "count the rows" : `compute the mean "${column.name}"`} per ${name} in ${table.path}`,
      `${using([1], random)}find the ${name} with the ${direction} ${isCount ? "count" : "mean"}`,
      `${using([2], random)}write the table to best.csv`,
    ],
    random,
  );
  const tasks = [
    { depends_on: [], expected: asked(question, table) },
    { depends_on: [1], expected: { kind: "best" as const, question, table, direction } },
    { depends_on: [2], expected: file("best.csv", [2]) },
  ];
  return { goal, tables: [table], tasks };
}

function text(random: Random): Draft {
  const content = random.pick(["hello world", "a, b; c. d", "1. not a step 2. nor this", "the result of step 9", "x,y\n1,2\n3,4\n"]);
  const path = content.startsWith("x,y") ? "made.csv" : random.pick(["greeting.txt", "notes/first.md"]);
  const writing = random.pick([
    `write "${content}" to ${path}`,
    `save the text '${content}' as ${path}`,
    `create a file ${path} with the text "${content}"`,
  ]);
  const tasks: ExpectedTask[] = [{ depends_on: [], expected: file(path, [], content) }];
  if (path !== "made.csv") return { goal: `1. ${capital(writing)}`, tables: [], tasks };
  const table: Table = {
    path,
    csv: content,
    columns: [
      { name: "x", kind: "key", hasEmpty: false },
      { name: "y", kind: "number", hasEmpty: false },
    ],
  };
  const question: Question = { measures: [{ kind: "sum", column: "y" }], group: [], filter: null };
  return {
    goal: `1. ${capital(writing)}. 2. Compute the sum of y in ${path}.`,
    tables: [],
    tasks: [...tasks, { depends_on: [1], expected: asked(question, table) }],
  };
}

function twoFiles(random: Random): Draft {
  const first = makeTable(random);
  const other = makeTable(random);
  const second = { ...other, path: other.path === first.path ? "second.csv" : other.path };
  const [a, b] = [makeQuestion(first, random), makeQuestion(second, random)];
  const goal = numbered(
    [
      `read ${first.path}`,
      `read ${second.path}`,
      `${using([1], random)}${phraseQuestion(a, null, random)}`,
      `${using([2], random)}${phraseQuestion(b, null, random)}`,
      `${using([3, 4], random)}write a report with both results to both.md`,
    ],
    random,
  );
  const tasks = [
    { depends_on: [], expected: read(first) },
    { depends_on: [], expected: read(second) },
    { depends_on: [1], expected: asked(a, first) },
    { depends_on: [2], expected: asked(b, second) },
    { depends_on: [3, 4], expected: file("both.md", [3, 4]) },
  ];
  return { goal, tables: [first, second], tasks };
}

function bullets(random: Random): Draft {
  const table = makeTable(random);
  const [a, b] = [makeQuestion(table, random), makeQuestion(table, random)];
  const mark = random.pick(["-", "*", "•"]);
  const steps = [`read ${table.path}`, phraseQuestion(a, null, random), phraseQuestion(b, null, random), "write both results to both.md"];
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: asked(a, table) },
    { depends_on: [1], expected: asked(b, table) },
    { depends_on: [2, 3], expected: file("both.md", [2, 3]) },
  ];
  return { goal: `With ${table.path}:\n${steps.map((step) => `${mark} ${capital(step)}`).join("\n")}`, tables: [table], tasks };
}

/** Steps without references: what follows a filter means its rows. */
function narrowed(random: Random): Draft {
  const table = makeTable(random);
  const { filter } = makeQuestion(table, random, { isFiltered: true });
  if (filter === null) throw new Error("the question has a filter");
  const [first, second] = [makeQuestion(table, random, { isFiltered: false }), makeQuestion(table, random, { isFiltered: false })];
  const keep = `${random.pick(["keep only the rows", "filter the rows", "keep the rows"])} ${phraseFilter(filter, random).replace(/^for (?:the )?rows /u, "")}`;
  const asks = [phraseQuestion(first, null, random), phraseQuestion(second, null, random)];
  const goal = numbered([`read ${table.path}`, keep, ...asks, "write both results to both.md"], random);
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: { kind: "rows" as const, table, filter } },
    { depends_on: [2], expected: asked(first, table, filter) },
    { depends_on: [2], expected: asked(second, table, filter) },
    { depends_on: [3, 4], expected: file("both.md", [3, 4]) },
  ];
  return { goal, tables: [table], tasks };
}

/** A step that asks and writes: one task with two results. */
function compound(random: Random): Draft {
  const table = makeTable(random);
  const question = makeQuestion(table, random);
  const path = random.pick(["out.csv", "out.md", "out.json"]);
  const joint = random.pick([" and write it to", ", then write the result to", " and save the result as"]);
  const goal = numbered([`read ${table.path}`, `${using([1], random)}${phraseQuestion(question, null, random)}${joint} ${path}`], random);
  const tasks = [
    { depends_on: [], expected: read(table) },
    { depends_on: [1], expected: { kind: "all" as const, parts: [asked(question, table), file(path, [])] } },
  ];
  return { goal, tables: [table], tasks };
}
