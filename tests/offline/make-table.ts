import type { Random } from "./random.ts";

export type Column = { readonly name: string; readonly kind: "number" | "key"; readonly hasEmpty: boolean };

/** A table as it was made; the CSV text is one way to write it. */
export type Table = { readonly path: string; readonly columns: readonly Column[]; readonly csv: string };

const NUMBER_NAMES = [
  "amount",
  "unit_price",
  "Price (EUR)",
  "body_mass_g",
  "bill length mm",
  "count",
  "score",
  "GDP per capita",
  "2019",
  "net-weight",
  "Sepal.Length",
  "rate %",
  "Größe",
  "units sold",
  "temperature",
  "delay_min",
  "x1",
  "Total Revenue",
  "age",
  "height/width",
  "speed",
  "value",
  "sum insured",
  "min temp",
];
const KEY_NAMES = [
  "region",
  "team name",
  "Year",
  "product",
  "species",
  "island",
  "Department",
  "status code",
  "city",
  "is active",
  "per",
  "group",
  "day-of-week",
  "category (EN)",
];
const PATHS = [
  "sales.csv",
  "penguins.csv",
  "data/measurements.csv",
  "Q3-report.csv",
  "weather_2024.csv",
  "orders.csv",
  "my data.csv",
  "trips.csv",
];
const VALUES = [
  ["North", "South", "East", "West"],
  ["New York", "Boston", "San Juan", "Salt Lake City"],
  ["2007", "2008", "2009"],
  ["Smith, John", "O'Brien", 'the "big" one', "Meier", "two\nlines"],
  ["Adelie", "Chinstrap", "Gentoo"],
  ["A-1", "B-2", "C-3", "D-4", "E-5"],
  ["yes", "no"],
  ["1", "2", "3", "10"],
  ["red", "dark red", "blue", "light blue", "green", "grey"],
];

/** Two to four columns of numbers and one to three of keys, with empty cells, quoted cells and any line ending. */
export function makeTable(random: Random): Table {
  const numbers = random.sample(NUMBER_NAMES, 2 + random.below(3)).map((name) => numberColumn(name, random));
  const keys = random.sample(KEY_NAMES, 1 + random.below(3)).map((name) => keyColumn(name, random));
  const made = random.sample([...numbers, ...keys], numbers.length + keys.length);
  const length = random.pick([0, 1, 7, 30, 30, 120, 400, 3_000]);
  const rows = Array.from({ length }, () => made.map((column) => column.cell()));
  const columns = made.map(({ name, kind }, index) => ({ name, kind, hasEmpty: rows.some((row) => row[index] === "") }));
  return { path: random.pick(PATHS), columns, csv: writeCsv([columns.map((column) => column.name), ...rows], random) };
}

type Making = { readonly name: string; readonly kind: Column["kind"]; readonly cell: () => string };

function numberColumn(name: string, random: Random): Making {
  const decimals = random.pick([0, 0, 1, 2, 5]);
  const scale = random.pick([10, 1_000, 100_000]);
  const isSigned = random.chance(0.3);
  const empty = random.pick([0, 0, 0.05, 0.4]);
  const cell = (): string => {
    if (random.chance(empty)) return "";
    const value = (random.below(scale * 2) - (isSigned ? scale : 0)) / 10 ** decimals;
    return random.chance(0.02) ? value.toExponential() : value.toFixed(decimals);
  };
  return { name, kind: "number", cell };
}

function keyColumn(name: string, random: Random): Making {
  const values = random.pick(VALUES);
  const empty = random.pick([0, 0, 0.1]);
  return { name, kind: "key", cell: () => (random.chance(empty) ? "" : random.pick(values)) };
}

function writeCsv(rows: readonly (readonly string[])[], random: Random): string {
  const end = random.pick(["\n", "\r\n"]);
  const always = random.chance(0.15);
  const escape = (cell: string): string => (always || /[",\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const text = rows.map((row) => row.map(escape).join(",")).join(end);
  return `${random.chance(0.1) ? "\uFEFF" : ""}${text}${random.pick(["", end, end, end + end])}`;
}
