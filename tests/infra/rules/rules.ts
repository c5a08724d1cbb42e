import { acknowledgements } from "./acknowledgements.ts";
import { alarms } from "./alarms.ts";
import { authorizer } from "./authorizer.ts";
import { buckets } from "./buckets.ts";
import { connections } from "./connections.ts";
import { database } from "./database.ts";
import { deadLetters } from "./dead-letters.ts";
import { deletion } from "./deletion.ts";
import { egress } from "./egress.ts";
import { encryption } from "./encryption.ts";
import { environment } from "./environment.ts";
import { eventSources } from "./event-sources.ts";
import { executionEnds } from "./execution-ends.ts";
import { frontDoor } from "./front-door.ts";
import { functions } from "./functions.ts";
import { gatewayAnswers } from "./gateway-answers.ts";
import { keyRotation } from "./key-rotation.ts";
import { logGroups } from "./log-groups.ts";
import { migrations } from "./migrations.ts";
import { permissions } from "./permissions.ts";
import { queueTrust } from "./queue-trust.ts";
import { recursiveLoop } from "./recursive-loop.ts";
import { roles } from "./roles.ts";
import { routes } from "./routes.ts";
import type { Rule } from "./rule.ts";
import { sandboxNetwork } from "./sandbox-network.ts";
import { secrets } from "./secrets.ts";
import { securityGroups } from "./security-groups.ts";
import { stateMachine } from "./state-machine.ts";
import { statefulIds } from "./stateful-ids.ts";
import { tables } from "./tables.ts";
import { templates } from "./templates.ts";
import { timeouts } from "./timeouts.ts";
import { zones } from "./zones.ts";

/** Every rule of the templates, by the file that holds it. */
export const rules = {
  "recursive-loop": recursiveLoop,
  "queue-trust": queueTrust,
  "event-sources": eventSources,
  "dead-letters": deadLetters,
  "execution-ends": executionEnds,
  "state-machine": stateMachine,
  timeouts,
  connections,
  database,
  migrations,
  egress,
  zones,
  "sandbox-network": sandboxNetwork,
  "security-groups": securityGroups,
  roles,
  permissions,
  environment,
  secrets,
  "key-rotation": keyRotation,
  routes,
  authorizer,
  "gateway-answers": gatewayAnswers,
  functions,
  "log-groups": logGroups,
  alarms,
  encryption,
  buckets,
  tables,
  deletion,
  "stateful-ids": statefulIds,
  "front-door": frontDoor,
  templates,
  acknowledgements,
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;
