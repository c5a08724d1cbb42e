const LONGEST_NAME = 80;

const LEAD =
  /^(?:(?:and|please|now|also|first(?: of all|ly)?|then|next|after that|afterwards?|finally|lastly|in parallel|meanwhile|at the same time|second(?:ly)?|third(?:ly)?)\b[,:]?\s*)+/iu;

/** A short name for a task: the step without its references and its words of order. */
export function nameStep(work: string): string {
  const plain = work.replace(/\s+/gu, " ").trim();
  const command = plain
    .replace(LEAD, "")
    .replace(/[.;:]+$/u, "")
    .trim();
  const name = command === "" ? plain : command;
  const capitalised = name.charAt(0).toUpperCase() + name.slice(1);
  if (capitalised.length <= LONGEST_NAME) return capitalised === "" ? "Step" : capitalised;
  return `${capitalised.slice(0, LONGEST_NAME - 1).replace(/\s+\S*$/u, "")}…`;
}
