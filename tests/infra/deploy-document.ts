import type { Assembly } from "./template/assembly.ts";

/** What docs/deploy.md says of the templates is compared with them. Each finding is a sentence that begins with what was named. */

/** The anchors of a document's headings, as GitHub makes them. */
export function listAnchors(markdown: string): readonly string[] {
  const headings = withoutCode(markdown).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) => toAnchor(heading));
}

const toAnchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, "")
    .replaceAll(/\s/g, "-");

const withoutCode = (markdown: string): string => markdown.replaceAll(/^ *```[\s\S]*?^ *```/gm, "");

/** Links within the document, and links of alarms to it, that lead nowhere. */
export function findLostLinks(markdown: string, wanted: readonly string[]): readonly string[] {
  const anchors = listAnchors(markdown);
  const links = [...withoutCode(markdown).matchAll(/\]\(#([\w-]+)\)/g)].flatMap(([, anchor]) => anchor ?? []);
  return [...links, ...wanted].filter((anchor) => !anchors.includes(anchor)).map((anchor) => `#${anchor} is no heading`);
}

/** Outputs that a command reads with `output <stack> <Name>`, and resources that it finds with `named <stack> <Type> <Prefix>`. */
export function findLostResources(markdown: string, { stage, stacks }: Assembly): readonly string[] {
  const templateOf = (role: string) => stacks.find(({ name }) => name === `cognition-${stage}-${role}`)?.template;
  const outputs = [...markdown.matchAll(/\$\(output (\w+) (\w+)\)/g)].flatMap(([, role = "", key = ""]) =>
    templateOf(role)?.Outputs[key] === undefined ? [`${role} has no output ${key}`] : [],
  );
  const named = [...markdown.matchAll(/\bnamed (\w+) (\w+::\w+) ([\w${}]+)/g)].flatMap(([, role = "", type = "", pattern = ""]) => {
    // A loop over queues: what holds for one of them holds for all.
    const prefix = pattern.replace("${queue}", "Control");
    const found = Object.entries(templateOf(role)?.Resources ?? {}).filter(
      ([id, { Type }]) => Type === `AWS::${type}` && id.startsWith(prefix),
    );
    return found.length === 1 ? [] : [`${role} has ${found.length} of AWS::${type} that begin with ${prefix}`];
  });
  return [...outputs, ...named];
}

/** The rows of the table below a heading, by their first cell without its code marks. */
export function readTable(markdown: string, heading: string): ReadonlyMap<string, readonly string[]> {
  const section = markdown.split(`\n## ${heading}\n`)[1]?.split("\n## ", 1)[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return new Map(
    rows.map((line) => {
      const [first = "", ...others] = line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim());
      return [first.replaceAll("`", ""), others];
    }),
  );
}
