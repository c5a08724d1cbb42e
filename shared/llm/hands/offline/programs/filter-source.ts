/** JavaScript for the sandbox: which rows a filter keeps. Whatever an empty or oddly written cell would make a guess is refused. */
export const FILTER_SOURCE = String.raw`
const isEmpty = (cell) => cell.trim() === "";
const fold = (text) => text.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();

function numberOf(cell, column, index) {
  const decimal = parseDecimal(cell);
  if (decimal === null) refuse("column " + quote(column) + " has the cell " + quote(cell) + " in data row " + (index + 1) + ", which is not a number");
  return decimal;
}

function isSame(cell, literal, column) {
  if (cell === literal.text) return true;
  const left = parseDecimal(cell);
  const right = parseDecimal(literal.text);
  if (left === null || right === null || compareDecimals(left, right) !== 0) return false;
  if (literal.quoted || /^[+-]?0\d/.test(cell.trim()) || /^[+-]?0\d/.test(literal.text)) {
    refuse("column " + quote(column) + " has " + quote(cell) + ", which is " + literal.text + " as a number but not as text");
  }
  return true;
}

const TEXT_TESTS = {
  contains: (cell, text) => cell.includes(text),
  lacks: (cell, text) => cell.includes(text),
  starts: (cell, text) => cell.startsWith(text),
  ends: (cell, text) => cell.endsWith(text),
};

/** A word that no cell holds is more likely part of the sentence than a value; quotes settle it. */
function checkLiteral(literal, cells, column, holds) {
  if (literal.quoted || literal.numeric || cells.length === 0) return;
  const exact = cells.some((cell) => holds(cell, literal.text));
  const other = cells.find((cell) => !holds(cell, literal.text) && holds(fold(cell), fold(literal.text)));
  if (other !== undefined) refuse("column " + quote(column) + " has " + quote(other) + ", which differs from " + quote(literal.text) + " only in case or spaces; quote the value to mean it exactly");
  if (!exact) refuse("no cell of column " + quote(column) + " is or has " + quote(literal.text) + "; quote the value to mean it exactly");
}

function checkTest(test, cells, column) {
  if (test.values) for (const literal of test.values) checkLiteral(literal, cells, column, (cell, text) => cell === text);
  if (test.value) checkLiteral(test.value, cells, column, TEXT_TESTS[test.test]);
}

/** true, false, or null when an empty cell leaves it open. */
function holdsTest(test, cell, column, index) {
  const empty = isEmpty(cell);
  switch (test.test) {
    case "empty": return empty;
    case "filled": return !empty;
    case "equals": return test.values.some((literal) => isSame(cell, literal, column));
    case "differs": return empty ? null : !test.values.some((literal) => isSame(cell, literal, column));
    case "lacks": return empty ? null : !TEXT_TESTS.lacks(cell, test.value.text);
    case "contains": case "starts": case "ends": return TEXT_TESTS[test.test](cell, test.value.text);
  }
  if (empty) return false;
  const value = numberOf(cell, column, index);
  const against = (text) => compareDecimals(value, parseDecimal(text));
  switch (test.test) {
    case "less": return against(test.bound) < 0;
    case "at-most": return against(test.bound) <= 0;
    case "more": return against(test.bound) > 0;
    case "at-least": return against(test.bound) >= 0;
    case "between": return against(test.low) >= 0 && against(test.high) <= 0;
  }
  throw new Error("unknown test " + test.test);
}

const JOINS = { all: (values) => values.every(Boolean), any: (values) => values.some(Boolean) };
const COMPARES = new Set(["less", "at-most", "more", "at-least", "between"]);

/** { kept: indexes of rows, leftOut: Map of column to the number of empty cells that could not be compared } */
function applyFilter(filter, columns, cells) {
  const leftOut = new Map();
  if (filter === null) return { kept: cells.map((_, index) => index), leftOut };
  for (const condition of filter.conditions) {
    const column = columns[condition.column];
    const values = cells.map((row) => row[condition.column]);
    for (const test of condition.tests) {
      if ((test.test === "between") && compareDecimals(parseDecimal(test.low), parseDecimal(test.high)) > 0) refuse("between " + test.low + " and " + test.high + " holds for no number");
      checkTest(test, values, column);
    }
    if (condition.tests.some((test) => COMPARES.has(test.test))) {
      const empty = values.filter(isEmpty).length;
      if (empty > 0) leftOut.set(column, empty);
    }
  }
  const kept = [];
  for (let index = 0; index < cells.length; index++) {
    const open = [];
    const verdict = (assumed) => JOINS[filter.join](filter.conditions.map((condition) => JOINS[condition.join](condition.tests.map((test) => {
      const holds = holdsTest(test, cells[index][condition.column], columns[condition.column], index);
      if (holds === null) open.push(columns[condition.column]);
      return holds === null ? assumed : holds;
    }))));
    const yes = verdict(true);
    if (open.length > 0 && yes !== verdict(false)) {
      refuse("column " + quote(open[0]) + " is empty in data row " + (index + 1) + ", and the condition does not say whether such rows count: add \"and " + open[0] + " is not empty\"");
    }
    if (yes) kept.push(index);
  }
  return { kept, leftOut };
}
`;
