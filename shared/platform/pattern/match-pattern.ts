import type { Instruction, Pattern } from "./parse-pattern.ts";

/** Steps of the machine that one text may take: some hundred milliseconds. What would take more is not matched at all. */
const MAX_STEPS = 2_000_000;

/**
 * Whether a pattern is found anywhere in a text. All ways through the pattern are walked side by side, so that no pattern and no text takes
 * longer than their sizes multiplied. `too-long` when that is more than is allowed.
 */
export function matchPattern(pattern: Pattern, text: string): "found" | "absent" | "too-long" {
  if (text.length * pattern.length > MAX_STEPS) return "too-long";
  const characters = Array.from(text);
  const seen = new Int32Array(pattern.length).fill(-1);
  let places: number[] = [];
  for (let at = 0; at <= characters.length; at += 1) {
    const walk: Walk = { pattern, characters, at, seen, takes: [] };
    for (const place of places) if (follow(walk, place)) return "found";
    if (follow(walk, 0)) return "found";
    const character = characters[at];
    if (character === undefined) break;
    places = walk.takes.filter((place) => fits(pattern[place], character)).map((place) => place + 1);
  }
  return "absent";
}

type Walk = { pattern: Pattern; characters: readonly string[]; at: number; seen: Int32Array; takes: number[] };

/** Walks from an instruction to all that read a character next. True when one of the ways ends in a match. */
function follow(walk: Walk, from: number): boolean {
  const { pattern, seen, at, takes } = walk;
  const open = [from];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (seen[place] === at) continue;
    seen[place] = at;
    const instruction = pattern[place];
    switch (instruction?.kind) {
      case "match":
        return true;
      case "take":
        takes.push(place);
        break;
      case "fork":
        open.push(instruction.to[1], instruction.to[0]);
        break;
      case "go":
        open.push(instruction.to);
        break;
      case "guard":
        if (isAt(walk, instruction.at)) open.push(place + 1);
        break;
      case undefined:
        break;
    }
  }
  return false;
}

function fits(instruction: Instruction | undefined, character: string): boolean {
  return instruction?.kind === "take" && instruction.fits.test(character);
}

function isAt({ characters, at }: Walk, guard: Extract<Instruction, { kind: "guard" }>["at"]): boolean {
  switch (guard) {
    case "start":
      return at === 0;
    case "end":
      return at === characters.length;
    case "edge":
      return isWord(characters[at - 1]) !== isWord(characters[at]);
    case "inside":
      return isWord(characters[at - 1]) === isWord(characters[at]);
  }
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /^[A-Za-z0-9_]$/.test(character);
}
