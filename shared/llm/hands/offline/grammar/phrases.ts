type Phrase = { readonly text: string; readonly letters: readonly string[]; readonly endsInWord: boolean };

export const WORD = /[\p{L}\p{N}_]/u;

/** Phrases by their first letter, in the given order. */
export type Phrases = ReadonlyMap<string, readonly Phrase[]>;

export function groupByBeginning(phrases: readonly string[]): Phrases {
  const groups = new Map<string, Phrase[]>();
  for (const text of phrases) {
    const letters = fold(text);
    const phrase = { text, letters, endsInWord: WORD.test(text.at(-1) ?? "") };
    const group = groups.get(letters[0] ?? "");
    if (group === undefined) groups.set(letters[0] ?? "", [phrase]);
    else group.push(phrase);
  }
  return groups;
}

/** Each unit of the text in lower case, at its own place. */
function fold(text: string): string[] {
  return text.split("").map((unit) => unit.toLowerCase());
}

/**
 * Which phrases stand at a place of `text`, in any case, and where they end. They are compared letter by letter: an expression
 * for each of a thousand phrases would take longer to build than all reading.
 * @param skip gives the next place that is no white space
 */
export function phraseReader(text: string, skip: (at: number) => number): (phrases: Phrases, from: number) => readonly PhraseMatch[] {
  const folded = fold(text);
  const endOf = ({ letters, endsInWord }: Phrase, from: number): number | undefined => {
    let at = from;
    for (const letter of letters) {
      const next = letter === " " ? skip(at) : at + 1;
      if (letter === " " ? next === at : folded[at] !== letter) return undefined;
      at = next;
    }
    return endsInWord && WORD.test(String.fromCodePoint(text.codePointAt(at) ?? 0)) ? undefined : at;
  };
  return (phrases, from) =>
    (phrases.get(folded[from] ?? "") ?? []).flatMap((phrase) => {
      const end = endOf(phrase, from);
      return end === undefined ? [] : [{ phrase: phrase.text, end }];
    });
}

type PhraseMatch = { readonly phrase: string; readonly end: number };
