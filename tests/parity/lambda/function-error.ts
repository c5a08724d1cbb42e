import * as z from "zod";

const Posted = z.object({
  errorType: z.string().default("Error"),
  errorMessage: z.string().default(""),
  trace: z.array(z.string()).default([]),
});

/** What a function threw, or what Lambda says in its place; its name is the type that whoever invoked it is told. */
export class FunctionError extends Error {
  constructor(errorType: string, errorMessage: string, trace: readonly string[] = []) {
    super(errorMessage);
    this.name = errorType;
    if (trace.length > 0) this.stack = trace.join("\n");
  }

  /** As the runtime posts it. */
  static parse(json: string): FunctionError {
    const { errorType, errorMessage, trace } = Posted.parse(JSON.parse(json));
    return new FunctionError(errorType, errorMessage, trace);
  }
}
