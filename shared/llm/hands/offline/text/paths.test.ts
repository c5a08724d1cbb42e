import { describe, expect, it } from "vitest";
import { findPaths } from "./paths.ts";

const paths = (text: string, files: readonly string[] = []): string[] => findPaths(text, files).map((span) => span.path);

describe("paths in a text", () => {
  it("are words that end like a file, without the sign that ends the sentence", () => {
    expect(paths("Read data/a_b-1.csv, then write it to out/report.md.")).toEqual(["data/a_b-1.csv", "out/report.md"]);
  });

  it("keep the dots that lead out of the workspace, for the tool to refuse", () => {
    expect(paths('Write "x" to ../a.txt')).toEqual(["../a.txt"]);
  });

  it("may be quoted, and known files may contain spaces", () => {
    expect(paths('Read "my data.csv"')).toEqual(["my data.csv"]);
    expect(paths("Read my data.csv now", ["my data.csv"])).toEqual(["my data.csv"]);
  });

  it("are neither numbers nor columns with a dot", () => {
    expect(paths("Compute 3.5 + 2.25 of Sepal.Length and e.g. this")).toEqual([]);
  });

  it("are not found inside other quoted text", () => {
    expect(paths('Write "see a.csv and more" to b.txt')).toEqual(["b.txt"]);
  });

  it("do not end inside a longer name", () => {
    expect(paths("read a.csv.txt", ["a.csv"])).toEqual(["a.csv.txt"]);
  });
});
