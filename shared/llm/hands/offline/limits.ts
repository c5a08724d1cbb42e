/** What people ask for that no rule can do, and what to call it. The first that fits explains a refusal. */
const BEYOND: readonly (readonly [RegExp, string])[] = [
  [/\btranslat/iu, "translating needs a language model"],
  [
    /https?:\/\/|\b(?:website|web page|url|download|fetch|scrape|browse|internet|google|search the web)\b/iu,
    "nothing outside the workspace can be reached",
  ],
  [
    /\b(?:e-?mail|send|post|tweet|message|notify|slack|call)\b.*\b(?:to|him|her|them|team|boss|customer|channel)\b/iu,
    "nothing can be sent to anybody",
  ],
  [/\b(?:poem|story|essay|haiku|joke|song|letter|article|blog|speech|slogan|limerick)\b/iu, "writing prose needs a language model"],
  [
    /\b(?:summari[sz]e|summary|explain|describe|interpret|discuss|comment|rephrase|paraphrase|rewrite|improve|proofread)\b/iu,
    "writing prose needs a language model",
  ],
  [
    /\b(?:recommend|suggest|opinion|best way|should (?:i|we)|advice|brainstorm|ideas?|why|what do you think)\b/iu,
    "judging and advising need a language model",
  ],
  [/\b(?:plot|chart|graph|diagram|histogram|draw|visuali[sz]e|picture|image)\b/iu, "drawing is not among the rules"],
  [
    /\b(?:predict|forecast|regression|correlat\w*|cluster\w*|classif\w*|standard deviation|variance|percentile|quantile|mode|outliers?)\b/iu,
    "this statistic is not among the rules",
  ],
  [
    /\b(?:python|javascript|typescript|java|program|script|function|code|regex|sql)\b/iu,
    "writing or running other code is not among the rules",
  ],
  [
    /\b(?:delete|remove|rename|move|append|overwrite|replace|edit)\b/iu,
    "files are only read and written whole, and rows are only kept by a condition",
  ],
  [/\b(?:join|merge|combine)\b/iu, "several tables cannot be joined"],
  [/\b(?:percentage|percent|share|ratio|proportion|difference|change|growth)\b/iu, "this comparison is not among the rules"],
  [/\b(?:today|yesterday|earliest|latest|oldest|newest|dates?)\b/iu, "dates are not among the rules"],
];

export function explainLimit(text: string): string | null {
  return BEYOND.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

export const WHAT_HELPS = "reword the step within docs/offline-rules.md, or configure a model (OPENAI_API_KEY or OPENAI_BASE_URL)";
