/** Written in halves, so that this file does not hold what it looks for. */
const forbidden: Readonly<Record<string, RegExp>> = {
  "a promise to finish later": new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`),
  "a path of one machine": new RegExp(`(?<![\\w.@/-])/(?:${["wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers"].join("|")})/`),
  "the address of a package registry": new RegExp(
    [
      "registry\\.npm" + "js\\.",
      "registry\\.yarn" + "pkg\\.",
      "npm\\.pkg\\.git" + "hub\\.",
      "deb\\.deb" + "ian\\.org",
      "\\.pkg\\." + "dev\\b",
      "pypi\\." + "org",
    ].join("|"),
  ),
  "where a package was downloaded from": new RegExp(`"reso${""}lved": "https?:`),
  "an unfinished merge": new RegExp(`^(?:<{7}|>{7}) `, "m"),
};

/** What no file may hold: each finding as a sentence that begins with the file. */
export function findForbiddenText(file: string, text: string): readonly string[] {
  return Object.entries(forbidden).flatMap(([what, pattern]) => {
    const found = pattern.exec(text);
    if (found === null) return [];
    return [`${file}:${text.slice(0, found.index).split("\n").length} holds ${what}: ${found[0].trim()}`];
  });
}
