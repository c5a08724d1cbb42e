/** Characters of a pattern. */
export const MAX_PATTERN_LENGTH = 1_000;
/** Instructions of a compiled pattern: what each character of a text may cost. */
export const MAX_PATTERN_SIZE = 2_000;

/**
 * One step of the machine that a pattern is compiled to. `take` reads one character if `fits`; `fork` goes on at both places; a `guard` looks
 * at the place between two characters.
 */
export type Instruction =
  | { kind: "take"; fits: RegExp }
  | { kind: "fork"; to: [number, number] }
  | { kind: "go"; to: number }
  | { kind: "guard"; at: "start" | "end" | "edge" | "inside" }
  | { kind: "match" };

export type Pattern = readonly Instruction[];

class PatternFault extends Error {
  override readonly name = "PatternFault";
}

/**
 * Compiles a regular expression as JavaScript writes them under the flag `u`, but for what needs backtracking: references back and looking
 * around. What is left is matched in a time that grows with the text alone. A fault is a sentence.
 */
export function parsePattern(source: string): { ok: true; pattern: Pattern } | { ok: false; fault: string } {
  if (source.length > MAX_PATTERN_LENGTH) return { ok: false, fault: `a pattern has at most ${MAX_PATTERN_LENGTH} characters` };
  try {
    // Its grammar is checked by the engine's own parser, which runs nothing; so what follows may rely on it.
    void new RegExp(source, "u");
    const pattern = compile(source);
    return { ok: true, pattern };
  } catch (error) {
    if (error instanceof PatternFault) return { ok: false, fault: error.message };
    if (error instanceof SyntaxError) return { ok: false, fault: error.message.replace(/^.*: /s, "") };
    throw error;
  }
}

type Cursor = { readonly characters: readonly string[]; at: number; readonly program: Instruction[] };

function compile(source: string): Instruction[] {
  const cursor: Cursor = { characters: Array.from(source), at: 0, program: [] };
  compileChoice(cursor);
  emit(cursor, { kind: "match" });
  return cursor.program;
}

function emit({ program }: Cursor, instruction: Instruction): number {
  if (program.length >= MAX_PATTERN_SIZE) throw new PatternFault("the pattern repeats too much");
  return program.push(instruction) - 1;
}

/** `a|b|c`, up to a closing bracket or the end. */
function compileChoice(cursor: Cursor): void {
  const start = cursor.program.length;
  compileSequence(cursor);
  if (peek(cursor) !== "|") return;
  cursor.at += 1;
  insert(cursor, start, { kind: "fork", to: [start + 1, cursor.program.length + 2] });
  const end: Instruction = { kind: "go", to: 0 };
  emit(cursor, end);
  compileChoice(cursor);
  end.to = cursor.program.length;
}

function compileSequence(cursor: Cursor): void {
  for (let next = peek(cursor); next !== undefined && next !== "|" && next !== ")"; next = peek(cursor)) {
    const start = cursor.program.length;
    compileAtom(cursor);
    const repeat = readRepeat(cursor);
    if (repeat !== undefined) compileRepeat(cursor, start, repeat);
  }
}

/** Puts an instruction in front of what was compiled from `at` on. */
function insert(cursor: Cursor, at: number, instruction: Instruction): void {
  const block = cursor.program.splice(at);
  emit(cursor, instruction);
  paste(cursor, block, at);
}

/** Appends a copy of a block that was compiled at `from`, with all that it refers to. */
function paste(cursor: Cursor, block: readonly Instruction[], from: number): void {
  const shift = cursor.program.length - from;
  for (const instruction of block) {
    if (instruction.kind === "go") emit(cursor, { kind: "go", to: instruction.to + shift });
    else if (instruction.kind === "fork") emit(cursor, { kind: "fork", to: [instruction.to[0] + shift, instruction.to[1] + shift] });
    else emit(cursor, instruction);
  }
}

/** Replaces what was compiled from `start` on by as many copies of it as the repeat asks for. */
function compileRepeat(cursor: Cursor, start: number, { least, most }: Repeat): void {
  const { program } = cursor;
  const block = program.splice(start);
  // A copy of nothing is nothing, however often; and no loop may cost time for it.
  if (block.length === 0) return;
  for (let copy = 0; copy < least; copy += 1) paste(cursor, block, start);
  if (most === Number.POSITIVE_INFINITY) {
    const fork: Instruction = { kind: "fork", to: [0, 0] };
    const loop = emit(cursor, fork);
    paste(cursor, block, start);
    emit(cursor, { kind: "go", to: loop });
    fork.to = [loop + 1, program.length];
    return;
  }
  const exits: Extract<Instruction, { kind: "fork" }>[] = [];
  for (let copy = least; copy < most; copy += 1) {
    const exit: Instruction = { kind: "fork", to: [program.length + 1, 0] };
    emit(cursor, exit);
    exits.push(exit);
    paste(cursor, block, start);
  }
  for (const exit of exits) exit.to = [exit.to[0], program.length];
}

type Repeat = { least: number; most: number };

const BRACES = /^\{(\d+)(,(\d*))?\}/;

function readRepeat(cursor: Cursor): Repeat | undefined {
  const repeat = readEager(cursor);
  // Which match is found does not matter, only whether there is one: a lazy repeat is a repeat.
  if (repeat !== undefined && peek(cursor) === "?") cursor.at += 1;
  return repeat;
}

function readEager(cursor: Cursor): Repeat | undefined {
  switch (peek(cursor)) {
    case "*":
      return skip(cursor, 1, { least: 0, most: Number.POSITIVE_INFINITY });
    case "+":
      return skip(cursor, 1, { least: 1, most: Number.POSITIVE_INFINITY });
    case "?":
      return skip(cursor, 1, { least: 0, most: 1 });
    case "{": {
      const [whole = "", least = "0", upTo, most = ""] = BRACES.exec(cursor.characters.slice(cursor.at, cursor.at + 40).join("")) ?? [];
      if (whole === "") throw new PatternFault("a repeat is too long");
      const limit = most === "" ? Number.POSITIVE_INFINITY : Number(most);
      return skip(cursor, whole.length, { least: Number(least), most: upTo === undefined ? Number(least) : limit });
    }
    default:
      return undefined;
  }
}

function skip<Value>(cursor: Cursor, count: number, value: Value): Value {
  cursor.at += count;
  return value;
}

function compileAtom(cursor: Cursor): void {
  const character = peek(cursor);
  switch (character) {
    case "(":
      return compileGroup(cursor);
    case "^":
      emit(cursor, skip(cursor, 1, { kind: "guard", at: "start" }));
      return;
    case "$":
      emit(cursor, skip(cursor, 1, { kind: "guard", at: "end" }));
      return;
    case "[":
      return compileOne(cursor, readClass(cursor));
    case "\\":
      return compileEscape(cursor);
    default:
      compileOne(cursor, skip(cursor, 1, character ?? ""));
  }
}

/** One character, tested by the engine itself: on a single character there is nothing to go back over. */
function compileOne(cursor: Cursor, source: string): void {
  emit(cursor, { kind: "take", fits: new RegExp(`^(?:${source})$`, "u") });
}

function compileGroup(cursor: Cursor): void {
  cursor.at += 1;
  if (peek(cursor) === "?") {
    const rest = cursor.characters.slice(cursor.at, cursor.at + MAX_PATTERN_LENGTH).join("");
    const head = /^\?(?::|<(?![=!])[^>]*>)/.exec(rest)?.[0];
    if (head === undefined) throw new PatternFault("looking ahead or behind, and flags inside a pattern, are not supported");
    cursor.at += Array.from(head).length;
  }
  compileChoice(cursor);
  cursor.at += 1;
}

function readClass(cursor: Cursor): string {
  const start = cursor.at;
  while (peek(cursor) !== "]") cursor.at += peek(cursor) === "\\" ? 2 : 1;
  cursor.at += 1;
  return cursor.characters.slice(start, cursor.at).join("");
}

const ESCAPE =
  /^\\(?:u\{[^}]*\}|u[dD][89a-bA-B][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[a-zA-Z]|[pP]\{[^}]*\}|.)/su;

function compileEscape(cursor: Cursor): void {
  const [escape = "\\"] = ESCAPE.exec(cursor.characters.slice(cursor.at, cursor.at + 100).join("")) ?? [];
  cursor.at += Array.from(escape).length;
  if (/^\\(?:[1-9]|k$)/.test(escape)) throw new PatternFault("references back are not supported");
  if (escape === String.raw`\b` || escape === String.raw`\B`) {
    emit(cursor, { kind: "guard", at: escape === String.raw`\b` ? "edge" : "inside" });
    return;
  }
  compileOne(cursor, escape);
}

function peek({ characters, at }: Cursor): string | undefined {
  return characters[at];
}
