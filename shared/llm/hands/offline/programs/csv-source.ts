/** JavaScript for the sandbox: RFC 4180, strictly. What a strict reader would have to guess is refused with its line. */
export const CSV_SOURCE = String.raw`
class Refusal extends Error {}
function refuse(reason) { throw new Refusal(reason); }
function quote(text) { return JSON.stringify(text.length > 60 ? text.slice(0, 60) + "…" : text); }

/** { fields, line, blank } for each record; a line without quotes is a whole record and needs no scanning. */
function parseCsv(text, path) {
  const records = [];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const newline = text.indexOf("\n", at);
    const end = newline === -1 ? text.length : newline;
    const content = text.slice(at, text[end - 1] === "\r" && end > at ? end - 1 : end);
    if (content.includes('"') || content.includes("\r")) {
      const record = scanRecord(text, at, line, path);
      records.push(record);
      at = record.end;
      line = record.nextLine;
    } else {
      records.push({ fields: content.split(","), line, blank: content === "" });
      at = end + 1;
      line++;
    }
  }
  return records;
}

function scanRecord(text, start, first, path) {
  const plain = /[^",\r\n]*/y;
  const fields = [];
  let at = start;
  let line = first;
  let quoted = false;
  for (;;) {
    if (text[at] === '"') {
      quoted = true;
      const cell = scanQuoted(text, at, line, path);
      fields.push(cell.value);
      at = cell.end;
      line += cell.value.split("\n").length - 1;
      if (at < text.length && text[at] !== "," && text[at] !== "\n" && text[at] !== "\r") {
        refuse(path + ": text follows a closing quote in line " + line);
      }
    } else {
      plain.lastIndex = at;
      const value = plain.exec(text)[0];
      at += value.length;
      if (text[at] === '"') refuse(path + ": a quote stands inside an unquoted cell in line " + line);
      fields.push(value);
    }
    if (text[at] !== ",") break;
    at++;
  }
  if (text[at] === "\r" && text[at + 1] === "\n") at++;
  return { fields, line: first, blank: fields.length === 1 && fields[0] === "" && !quoted, end: at + 1, nextLine: line + 1 };
}

function scanQuoted(text, at, line, path) {
  let value = "";
  let from = at + 1;
  for (;;) {
    const close = text.indexOf('"', from);
    if (close === -1) refuse(path + ": the quote opened in line " + line + " is never closed");
    value += text.slice(from, close);
    from = close + 1;
    if (text[from] !== '"') return { value, end: from };
    value += '"';
    from++;
  }
}

function readCsv(path) {
  const text = files[path];
  if (typeof text !== "string") refuse(path + " was not given to the program");
  const records = parseCsv(text, path);
  while (records.length > 0 && records[records.length - 1].blank) records.pop();
  while (records.length > 0 && records[0].blank) records.shift();
  if (records.length === 0) refuse(path + " is empty: it has no header");
  const columns = records[0].fields;
  const rows = [];
  for (const record of records.slice(1)) {
    if (record.blank && columns.length > 1) continue;
    if (record.blank) refuse(path + ": line " + record.line + " is blank, which may be an empty cell or no row at all");
    if (record.fields.length !== columns.length) {
      refuse(path + ": line " + record.line + " has " + record.fields.length + " cells, the header has " + columns.length);
    }
    rows.push(record.fields);
  }
  return { columns, rows };
}
`;
