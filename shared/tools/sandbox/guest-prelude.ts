/**
 * Runs inside the guest before the program and gives it `input`, `files`, `console` and `output`. It keeps its own references to
 * the built-ins it uses, so a program that patches them spoils its own output at most; what the host accepts is checked by the host.
 * Text crosses to the host as JSON, because the engine's own string copy ends at a NUL.
 */
export const GUEST_PRELUDE = `(emitLog, emitOutput, inputText, filesText, textLimit) => {
  "use strict";
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const slice = String.prototype.slice;
  const toText = String;
  const ErrorClass = Error;
  const TypeErrorClass = TypeError;

  const cut = (text) => stringify(apply(slice, text, [0, textLimit]));
  const print = (value) => {
    if (typeof value === "string") return value;
    try {
      if (value instanceof ErrorClass) return toText(value);
      const json = stringify(value);
      if (json !== undefined) return json;
    } catch {}
    try {
      return toText(value);
    } catch {
      return "[a value that cannot be printed]";
    }
  };

  let isLogOpen = true;
  const log = (...values) => {
    if (!isLogOpen) return;
    let line = "";
    for (let index = 0; index < values.length; index += 1) line += (index === 0 ? "" : " ") + print(values[index]);
    isLogOpen = emitLog(cut(line));
  };

  let isAnswered = false;
  const refuseSecond = () => {
    if (isAnswered) throw new TypeErrorClass("output was already called");
  };
  const output = (value) => {
    refuseSecond();
    const json = stringify(value);
    if (json === undefined) throw new TypeErrorClass("output needs a JSON value; it got " + typeof value);
    refuseSecond();
    isAnswered = true;
    emitOutput(json);
  };

  globalThis.input = parse(inputText);
  globalThis.files = parse(filesText);
  globalThis.output = output;
  globalThis.console = { log, info: log, debug: log, warn: log, error: log };

  return (thrown) => {
    try {
      if (!(thrown instanceof ErrorClass)) return cut("Thrown: " + print(thrown));
      const stack = thrown.stack;
      return cut(toText(thrown) + (typeof stack === "string" && stack !== "" ? "\\n" + stack : ""));
    } catch {
      return '"an error that cannot be described"';
    }
  };
}`;
