import { readVariable, type Source } from "./env.ts";

/**
 * Who this function is to AWS, from the variables that Lambda sets: for tokens that are signed here. Read anew for each: on other hosts the
 * credentials of a process change while it runs.
 * @throws AppError `wrong-configuration`
 */
export function readCaller(source: Source = process.env) {
  const sessionToken = source["AWS_SESSION_TOKEN"];
  return {
    region: readVariable("AWS_REGION", source),
    credentials: {
      accessKeyId: readVariable("AWS_ACCESS_KEY_ID", source),
      secretAccessKey: readVariable("AWS_SECRET_ACCESS_KEY", source),
      ...(sessionToken === undefined || sessionToken === "" ? {} : { sessionToken }),
    },
  };
}
