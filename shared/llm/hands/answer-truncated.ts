import type { TokenUsage } from "../../effects/contract.ts";
import { AppError } from "../../platform/errors.ts";

/** An answer that was cut off is no answer, but it was paid for: what it consumed goes with the error. */
export class AnswerTruncated extends AppError {
  readonly usage: TokenUsage;

  constructor(detail: string, usage: TokenUsage) {
    super("answer-truncated", detail);
    this.usage = usage;
  }
}
