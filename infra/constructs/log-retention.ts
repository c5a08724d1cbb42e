import * as logs from "aws-cdk-lib/aws-logs";

const kept = Object.values(logs.RetentionDays).filter((days): days is logs.RetentionDays => typeof days === "number");

/** @throws Error when CloudWatch knows no such retention */
export function toRetention(days: number): logs.RetentionDays {
  const found = kept.find((known) => Number(known) === days);
  if (found === undefined)
    throw new Error(`logDays is ${days}; CloudWatch keeps logs for ${kept.filter((known) => known < 9_999).join(", ")} days.`);
  return found;
}
