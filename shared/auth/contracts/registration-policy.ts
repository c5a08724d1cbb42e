import * as z from "zod";

/** Who may make an account: the first to ask, who then is the only one, or anybody who knows the address. */
export const RegistrationPolicy = z.enum(["first", "open"]);
export type RegistrationPolicy = z.infer<typeof RegistrationPolicy>;
