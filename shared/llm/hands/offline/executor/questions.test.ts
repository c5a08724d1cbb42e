import { describe, expect, it } from "vitest";
import { tryStep } from "../../../../../tests/offline/try-step.ts";

const CSV = `species,island,body_mass_g,bill_length_mm,sex
Adelie,Dream,3700,39.1,MALE
Adelie,Biscoe,3800,,FEMALE
Gentoo,Biscoe,5000,46.5,MALE
Gentoo,Biscoe,,47.5,
Chinstrap,Dream,3300,49.0,FEMALE
`;
const files = { "penguins.csv": CSV };
const rowsOf = (step: string, given: Record<string, string> = files): unknown => {
  const { status, output, error } = tryStep(step, { files: given });
  if (status === "failure") return error;
  const result = output.result as { kind: string; value?: number; rows?: unknown };
  return result.kind === "number" ? result.value : result.rows;
};

const PER_SPECIES = [
  ["Adelie", 3750],
  ["Chinstrap", 3300],
  ["Gentoo", 5000],
];
const COUNTS = [
  ["Biscoe", 3],
  ["Dream", 2],
];

describe("one question in many words", () => {
  it.each([
    "Compute the mean body_mass_g per species in penguins.csv",
    "What is the average body mass for each species in penguins.csv?",
    "In penguins.csv, calculate the mean of body_mass_g grouped by species.",
    "For every species in penguins.csv, give me the avg `body_mass_g`",
    "mean Body Mass G by species from penguins.csv, please",
    "Please show the mean value of the column body_mass_g by species in the file penguins.csv",
    "Per species, what is the mean body_mass_g of penguins.csv?",
    "Group the rows of penguins.csv by species and compute the mean body_mass_g",
    "the mean BODY_MASS_G of each species in penguins.csv",
  ])("the mean per group: %s", (step) => {
    expect(rowsOf(step)).toEqual(PER_SPECIES);
  });

  it.each([
    "Count the rows per island in penguins.csv",
    "How many rows are there per island in penguins.csv?",
    "How many penguins are on each island in penguins.csv?",
    "number of records by island in penguins.csv",
    "For each island, count the penguins in penguins.csv",
    "counts per island in penguins.csv",
  ])("the rows per group: %s", (step) => {
    expect(rowsOf(step)).toEqual(COUNTS);
  });

  it.each([
    ["How many rows does penguins.csv have?", 5],
    ["Count the rows where island is Biscoe and body_mass_g > 4000 in penguins.csv", 1],
    ["Count rows with island = Biscoe or sex = MALE in penguins.csv", 4],
    ["How many rows have a body mass of at least 3,700 in penguins.csv?", 3],
    ["Count the rows of penguins.csv where body_mass_g is between 3300 and 3800", 3],
    ["Count the rows of penguins.csv where body_mass_g > 3300 and < 5000", 2],
    ["Count the rows of penguins.csv where species is Adelie or Gentoo and sex is MALE", 2],
    ["Count the rows of penguins.csv where species is one of Adelie, Gentoo", 4],
    ["Count the rows of penguins.csv where species is neither Adelie nor Gentoo", 1],
    ["Count the rows of penguins.csv where species is not Adelie", 3],
    ["Count the rows of penguins.csv where species contains 'in'", 1],
    ["Count the rows of penguins.csv where species starts with Ad", 2],
    ["Count the rows of penguins.csv where sex is empty", 1],
    ["Count the rows with missing body_mass_g in penguins.csv", 1],
    ["Count the rows of penguins.csv where sex is not MALE and sex is not empty", 2],
    ["Count the rows of penguins.csv where species is 'Emperor'", 0],
    ["Count the distinct islands in penguins.csv", 2],
    ["How many different species are there in penguins.csv?", 3],
    ["Count the values of sex in penguins.csv", 4],
    ["Sum up body_mass_g in penguins.csv", 15_800],
    ["What is the highest bill length in penguins.csv?", 49],
    ["median bill_length_mm in penguins.csv", 47],
    ["Compute the mean body_mass_g for island Dream in penguins.csv", 3500],
  ])("a number: %s", (step, value) => {
    expect(rowsOf(step)).toBe(value);
  });

  it.each([
    ["Compute the min and max of body_mass_g in penguins.csv", [[3300, 5000]]],
    [
      "mean body_mass_g and count of rows per island in penguins.csv",
      [
        ["Biscoe", 4400, 3],
        ["Dream", 3500, 2],
      ],
    ],
    [
      "Compute the mean bill_length_mm and body_mass_g per island in penguins.csv",
      [
        ["Biscoe", 47, 4400],
        ["Dream", 44.05, 3500],
      ],
    ],
    [
      "Count the rows per island and species in penguins.csv",
      [
        ["Biscoe", "Adelie", 1],
        ["Biscoe", "Gentoo", 2],
        ["Dream", "Adelie", 1],
        ["Dream", "Chinstrap", 1],
      ],
    ],
    ["Which species has the highest mean body_mass_g in penguins.csv?", [["Gentoo", 5000]]],
    ["Find the island with the fewest rows in penguins.csv", [["Dream", 2]]],
    [
      "Which species has the most rows in penguins.csv?",
      [
        ["Adelie", 2],
        ["Gentoo", 2],
      ],
    ],
    [
      "Top 2 species by mean body_mass_g in penguins.csv",
      [
        ["Gentoo", 5000],
        ["Adelie", 3750],
      ],
    ],
    ["Find the row with the highest body_mass_g in penguins.csv", [["Gentoo", "Biscoe", "5000", "46.5", "MALE"]]],
    ["List the distinct islands in penguins.csv", [["Biscoe"], ["Dream"]]],
    [
      "List the species and sex of the rows where island is Dream in penguins.csv",
      [
        ["Adelie", "MALE"],
        ["Chinstrap", "FEMALE"],
      ],
    ],
    [
      "Count the rows per island in penguins.csv sorted by count ascending",
      [
        ["Dream", 2],
        ["Biscoe", 3],
      ],
    ],
    ["Count the rows per island in penguins.csv where species is 'Emperor'", []],
  ])("a table: %s", (step, rows) => {
    expect(rowsOf(step)).toEqual(rows);
  });
});

describe("column names", () => {
  const odd = {
    "odd.csv":
      'Price (EUR),count,mean score,"a, b",Team,team name,2019\n1.5,3,2,7,1,"New York",1\n-2,4,,8,2,Boston,2\n3e1,5,4,9,2,"New York",3\n',
  };

  it.each([
    ["What is the average price in odd.csv?", 29.5 / 3],
    ["max Price (EUR) where price (eur) < 0 in odd.csv", -2],
    ["Sum the count in odd.csv", 12],
    ["the mean of mean score in odd.csv", 3],
    ["Sum `a, b` in odd.csv", 24],
    ["Count rows where team name is New York in odd.csv", 2],
    ["Count rows where Team = 2 in odd.csv", 2],
    ["Sum 2019 in odd.csv", 6],
  ])("%s", (step, value) => {
    expect(rowsOf(step, odd)).toBeCloseTo(value, 12);
  });

  it.each([
    ["mean score in odd.csv", /does not say what to compute/u],
    ["count per Team in odd.csv", /does not say what to compute/u],
    ["mean wingspan in odd.csv", /the columns of odd\.csv are "Price \(EUR\)", "count"/u],
  ])("%s is refused", (step, reason) => {
    expect(rowsOf(step, odd)).toMatch(reason);
  });

  it("that two columns could have are refused", () => {
    const twin = { "t.csv": "Score,score,price_eur,price_usd,temp_min,temp_max\n1,2,3,4,5,6\n" };
    expect(rowsOf("Sum score in t.csv", twin)).toBe(2);
    expect(rowsOf("Sum SCORE in t.csv", twin)).toMatch(/several ways/u);
    expect(rowsOf("Sum price in t.csv", twin)).toMatch(/no rule covers "price/u);
    expect(rowsOf("Sum temp in t.csv", twin)).toMatch(/no rule covers "temp/u);
    expect(rowsOf("Sum x in t.csv", { "t.csv": "x,x\n1,2\n" })).toMatch(/several ways/u);
    expect(rowsOf("mean speed in t.csv", { "t.csv": "speed,mean speed\n1,2\n" })).toMatch(/several ways/u);
  });
});

describe("what could be meant in two ways, or holds a word that no rule accounts for", () => {
  it.each([
    "Count the rows in penguins.csv where island is biscoe",
    "Count the rows in penguins.csv where island is Atlantis",
    "Count the rows in penguins.csv where island is Biscoe only",
    "Count the rows in penguins.csv where island is not Biscoe or Dream",
    "Count the rows in penguins.csv where island is Biscoe and Dream",
    "Count the rows in penguins.csv where sex is not MALE",
    "Count the rows in penguins.csv where island is Dream or sex is MALE and species is Adelie",
    "Count the rows in penguins.csv where body_mass_g > bill_length_mm",
    "Count the rows per island in penguins.csv, except Dream",
    "Count the rows per island in penguins.csv without Dream",
    "mean body_mass_g per species in penguins.csv rounded to 1 decimal",
    "mean body_mass_g of Adelie in penguins.csv",
    "the lowest mean body_mass_g per species in penguins.csv",
    "average number of rows per island in penguins.csv",
    "sum of body_mass_g by island Dream in penguins.csv",
    "How many species are there in penguins.csv?",
    "List all islands in penguins.csv",
    "Compute the mean body_mass_g per species and count the rows in penguins.csv",
    "Which species has the highest body_mass_g in penguins.csv?",
    "Top 1 species by number of rows in penguins.csv",
    "standard deviation of body_mass_g in penguins.csv",
    "Count the rows in penguins.csv where body_mass_g is between 4000 and 3000",
  ])("is refused with the reason: %s", (step) => {
    expect(rowsOf(step)).toMatch(/^unsupported_offline: step 1: .{10}.*; reword the step/su);
  });

  it("is refused where a cell is no number, with the cell", () => {
    expect(rowsOf("mean x in t.csv", { "t.csv": "x\n1\nn/a\n" })).toMatch(/column "x" has the cell "n\/a" in data row 2/u);
  });

  it("is a missing file's fault where the file is missing", () => {
    expect(rowsOf("Count the rows in missing.csv", {})).toBe(
      "tool-failed: step 1: execute_javascript: The file missing.csv does not exist",
    );
  });
});

describe("tables at their limits", () => {
  it.each([
    ["Count the rows in t.csv", "x,y\n", 0],
    ["Count the rows per x in t.csv", "x,y\n", []],
    ["Count the rows per x in t.csv", "x,y\n\n", []],
    ["Count the rows in t.csv", "\uFEFFx,y\r\n1,2\r\n\r\n", 1],
    ["Sum x in t.csv", "x\n1\n2", 3],
    ["Sum y per x in t.csv", 'x,y\n"a\nb",1\n"a\nb",2\n', [["a\nb", 3]]],
    [
      "mean y per x in t.csv",
      "x,y\na,\nb,1\n",
      [
        ["a", null],
        ["b", 1],
      ],
    ],
    [
      "Sum y per x in t.csv",
      "x,y\n2,-1\n10,-2\n",
      [
        ["2", -1],
        ["10", -2],
      ],
    ],
  ])("%s of %j", (step, csv, expected) => {
    expect(rowsOf(step, { "t.csv": csv })).toEqual(expected);
  });

  it.each([
    ["mean x in t.csv", "x,y\n", /no number to take the mean of/u],
    ["Sum y per x in t.csv", "x,y\na,\n", /no number to sum/u],
    ["Count the rows in t.csv", "x,y\n1\n", /line 2 has 1 cells/u],
    ["Sum b in t.csv", "a;b\n1;2\n", /no rule covers "b in t\.csv"/u],
  ])("%s of %j is refused", (step, csv, reason) => {
    expect(rowsOf(step, { "t.csv": csv })).toMatch(reason);
  });
});
