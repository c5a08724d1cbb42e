/** JavaScript for the sandbox: answers one question about one table. `input` is the question, with columns by index. */
export const TABLE_SOURCE = String.raw`
const MOST_BYTES = 96 * 1024;
const MOST_GROUPS = 12000;
const SHOWN_ROWS = 50;

/** A file, rows as they are, or the rows that an earlier question chose of one of these: those are chosen anew. */
function readTable(source) {
  if (source.path !== undefined) {
    if (source.characters !== undefined && source.characters !== files[source.path].length) refuse(source.path + " has changed since its rows were chosen");
    const { columns, rows } = readCsv(source.path);
    return { columns, cells: rows, raw: rows };
  }
  if (source.of === undefined) return tableOf(source.columns, source.rows);
  const table = readTable(source.of);
  const { kept } = applyFilter(source.filter, table.columns, table.cells);
  return tableOf(columnsShown(source.job, table), select(source.job, table, kept).rows);
}

function tableOf(columns, rows) {
  return { columns, raw: rows, cells: rows.map((row) => row.map((cell) => (cell === null ? "" : String(cell)))) };
}

function columnsShown(job, table) {
  return job.columns === null ? table.columns : job.columns.map((at) => table.columns[at]);
}

const compareText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Compares as numbers when all are numbers, as text when none is; a mixture has no order. */
function orderOf(texts, column, strict) {
  const decimals = new Map();
  for (const text of texts) if (!isEmpty(text)) decimals.set(text, parseDecimal(text));
  const parsed = [...decimals.values()];
  if (parsed.every((decimal) => decimal !== null)) return (a, b) => compareDecimals(decimals.get(a), decimals.get(b));
  if (strict && parsed.some((decimal) => decimal !== null)) refuse("column " + quote(column) + " mixes numbers and text, so it has no order");
  return compareText;
}

/** Two spellings of one number ("1" and "1.0") would be two groups; nobody can want that unasked. */
function requireOneSpelling(texts, column) {
  const seen = new Map();
  for (const text of texts) {
    const decimal = parseDecimal(text);
    if (decimal === null) continue;
    let { n, scale } = decimal;
    while (scale > 0 && n % 10n === 0n) { n /= 10n; scale--; }
    const key = n + "/" + scale;
    if (seen.has(key) && seen.get(key) !== text) refuse("column " + quote(column) + " writes one number as " + quote(seen.get(key)) + " and as " + quote(text));
    seen.set(key, text);
  }
}

function add(counts, key, amount) {
  if (amount > 0) counts.set(key, (counts.get(key) || 0) + amount);
}

function groupRows(kept, table, { group, ranking }, leftOut) {
  const groups = new Map();
  for (const index of kept) {
    const keys = group.map((column) => table.cells[index][column]);
    const empty = group.filter((column, at) => isEmpty(keys[at]));
    for (const column of empty) add(leftOut, table.columns[column], 1);
    if (empty.length > 0) continue;
    const id = JSON.stringify(keys);
    const known = groups.get(id);
    if (known === undefined) groups.set(id, { keys, rows: [index] });
    else known.rows.push(index);
  }
  if (ranking === null && groups.size > MOST_GROUPS) refuseLength(groups.size);
  const found = [...groups.values()];
  group.forEach((column, at) => requireOneSpelling(new Set(found.map((one) => one.keys[at])), table.columns[column]));
  const orders = group.map((column, at) => orderOf(found.map((one) => one.keys[at]), table.columns[column], false));
  return found.sort((a, b) => {
    for (let at = 0; at < orders.length; at++) {
      const order = orders[at](a.keys[at], b.keys[at]);
      if (order !== 0) return order;
    }
    return 0;
  });
}

function measureGroup(measure, rows, keys, table, leftOut, perGroup) {
  if (measure.measure === "rows") return rows.length;
  const column = table.columns[measure.column];
  const filled = rows.filter((index) => !isEmpty(table.cells[index][measure.column]));
  if (measure.measure === "values") return filled.length;
  const empty = rows.length - filled.length;
  const id = JSON.stringify([keys, column]);
  if (empty > 0 && !perGroup.has(id)) {
    add(leftOut, column, empty);
    perGroup.set(id, { group: keys, column, cells: empty });
  }
  const texts = filled.map((index) => table.cells[index][measure.column]);
  if (measure.measure === "distinct") {
    const different = new Set(texts);
    requireOneSpelling(different, column);
    return different.size;
  }
  const what = "the " + measure.measure + " of " + column + (keys.length > 0 ? " for " + keys.join(", ") : "");
  return AGGREGATES[measure.measure](filled.map((index) => numberOf(table.cells[index][measure.column], column, index)), what);
}

/** The best rows by the value that "of" gives; a tie at the end of a fixed number of rows has no right answer. */
function rank(rows, of, ranking) {
  const valued = rows.filter((row) => of(row) !== null);
  const sign = ranking.direction === "ascending" ? 1 : -1;
  const sorted = valued.map((row, at) => ({ row, at })).sort((a, b) => sign * (of(a.row) - of(b.row)) || a.at - b.at).map((one) => one.row);
  if (sorted.length === 0) return [];
  if (ranking.count === null) return sorted.filter((row) => of(row) === of(sorted[0]));
  const next = sorted[ranking.count];
  if (next !== undefined && of(next) === of(sorted[ranking.count - 1])) {
    refuse("rank " + ranking.count + " is shared by several rows, so the best " + ranking.count + " cannot be told");
  }
  return sorted.slice(0, ranking.count);
}

function aggregate(job, table, kept) {
  const leftOut = new Map();
  const perGroup = new Map();
  const groups = job.group.length === 0 ? [{ keys: [], rows: kept }] : groupRows(kept, table, job, leftOut);
  let rows = groups.map(({ keys, rows }) => [...keys, ...job.measures.map((measure) => measureGroup(measure, rows, keys, table, leftOut, perGroup))]);
  if (job.group.length === 0) {
    job.measures.forEach((measure, at) => { if (rows[0][at] === null) refuse("there is no number to take the " + measure.measure + " of"); });
  }
  const width = job.group.length;
  if (job.ranking !== null) rows = rank(rows, (row) => row[width], job.ranking);
  else if (job.order !== null) {
    const at = job.order.by.measure === undefined ? job.group.indexOf(job.order.by.column) : width + job.order.by.measure;
    const compare = at < width ? orderOf(rows.map((row) => row[at]), table.columns[job.group[at]], true) : (a, b) => a - b;
    const sign = job.order.direction === "ascending" ? 1 : -1;
    const filled = rows.filter((row) => row[at] !== null);
    rows = [...filled.sort((a, b) => sign * compare(a[at], b[at])), ...rows.filter((row) => row[at] === null)];
  }
  return { rows, leftOut, perGroup: [...perGroup.values()] };
}

function select(job, table, kept) {
  const leftOut = new Map();
  let chosen = kept;
  const column = job.order === null ? null : job.order.by.column;
  if (job.ranking !== null) {
    chosen = chosen.filter((index) => !isEmpty(table.cells[index][column]));
    add(leftOut, table.columns[column], kept.length - chosen.length);
    const values = new Map(chosen.map((index) => { const { n, scale } = numberOf(table.cells[index][column], table.columns[column], index); return [index, toDouble(n, 10n ** BigInt(scale))]; }));
    if (job.unique !== null && new Set(chosen.map((index) => table.cells[index][job.unique])).size !== chosen.length) {
      refuse("several rows share a value of " + quote(table.columns[job.unique]) + ": say which of sum, mean, min or max is meant");
    }
    chosen = rank(chosen, (index) => values.get(index), job.ranking);
  } else if (column !== null) {
    const filled = chosen.filter((index) => !isEmpty(table.cells[index][column]));
    const compare = orderOf(filled.map((index) => table.cells[index][column]), table.columns[column], true);
    const sign = job.order.direction === "ascending" ? 1 : -1;
    const empty = chosen.filter((index) => isEmpty(table.cells[index][column]));
    chosen = [...filled.sort((a, b) => sign * compare(table.cells[a][column], table.cells[b][column])), ...empty];
  }
  if (job.distinct) return distinctRows(job, table, chosen, leftOut);
  const columns = job.columns === null ? table.columns.map((_, at) => at) : job.columns;
  return { rows: chosen.map((index) => columns.map((at) => table.raw[index][at])), leftOut, perGroup: [] };
}

function distinctRows(job, table, chosen, leftOut) {
  const [column] = job.columns;
  const texts = chosen.map((index) => table.cells[index][column]);
  add(leftOut, table.columns[column], texts.filter(isEmpty).length);
  const different = [...new Set(texts.filter((text) => !isEmpty(text)))];
  requireOneSpelling(different, table.columns[column]);
  const sign = job.order !== null && job.order.direction === "descending" ? -1 : 1;
  const compare = orderOf(different, table.columns[column], false);
  return { rows: different.sort((a, b) => sign * compare(a, b)).map((text) => [text]), leftOut, perGroup: [] };
}

function answerQuestion(question) {
  const table = readTable(question.source);
  if (question.job.kind === "inspect") return { columns: table.columns, rows: table.cells.length };
  if (JSON.stringify(table.columns) !== JSON.stringify(question.columns)) refuse("the header has changed since it was read");
  const { kept, leftOut } = applyFilter(question.filter, table.columns, table.cells);
  const found = question.job.kind === "aggregate" ? aggregate(question.job, table, kept) : select(question.job, table, kept);
  const answer = {
    rows: found.rows,
    total: found.rows.length,
    matched: kept.length,
    left_out: [...found.leftOut],
    left_out_of_filter: [...leftOut],
    left_out_per_group: found.perGroup,
  };
  if (boundBytes(JSON.stringify(answer)) <= MOST_BYTES) return answer;
  const shown = { ...answer, rows: found.rows.slice(0, SHOWN_ROWS), recipe: recipeOf(question) };
  if (question.job.kind === "aggregate" || boundBytes(JSON.stringify(shown)) > MOST_BYTES) refuseLength(found.rows.length);
  return shown;
}

/** How to choose the same rows again, where there are too many to be handed on. */
function recipeOf({ source, columns, filter, job }) {
  const of = source.path === undefined ? source : { path: source.path, characters: files[source.path].length };
  return { of, columns, filter, job };
}

function refuseLength(rows) {
  refuse("the answer has " + rows + " rows, more than a result can carry: narrow it down or ask for an aggregate");
}

/** At least as many bytes as the text has in UTF-8. */
function boundBytes(text) {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) bytes += 2;
  return bytes;
}
`;
