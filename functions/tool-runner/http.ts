import { handleService } from "../../shared/platform/api/handle.ts";
import { bindTools } from "../../shared/tools/bind-tools.ts";

export const handler = handleService("tool-runner", bindTools());
