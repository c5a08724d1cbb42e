import { bindAccounts } from "../../shared/auth/bind-accounts.ts";
import { bindApiKeys } from "../../shared/auth/bind-api-keys.ts";
import { openAuth } from "../../shared/auth/open-auth.ts";
import { joinWorkspace } from "../../shared/orchestration/join-workspace.ts";
import { handleService } from "../../shared/platform/api/handle.ts";

const deps = openAuth(joinWorkspace);

export const handler = handleService("auth", [...bindAccounts(deps), ...bindApiKeys(deps)]);
