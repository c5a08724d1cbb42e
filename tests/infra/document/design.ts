import type { RuleName } from "../rules/rules.ts";

/** A sentence that must hold on AWS, and what holds it: rules of the templates, and tests by their file and a part of their title. */
export type DesignRule = {
  readonly says: string;
  readonly rules?: readonly RuleName[];
  readonly tests?: readonly (readonly [file: string, title: string])[];
  /** What of it has no ground yet. */
  readonly open?: string;
};

/** What the system must be on AWS from its first day, in the order in which one meets it. */
export const design: readonly DesignRule[] = [
  {
    says: "Whoever works on a laptop is refused what AWS refuses: delays, sizes, times, a sandbox without its tenant, a call that no role allows.",
    rules: ["permissions"],
    tests: [
      ["local/aws/limits.test.ts", "takes messages and batches of 1 MiB in sum and refuses one byte more"],
      ["local/aws/queue.test.ts", "refuses a delay, a wait and a visibility timeout that SQS refuses"],
      ["local/aws/lambda-front.test.ts", "ends a function at its timeout, whatever it does later"],
      ["local/aws/api-gateway.test.ts", "answers 504 after 29 seconds, whatever the function does later"],
      ["local/aws/state-machine/engine.test.ts", "refuses input, output and results that AWS would refuse"],
    ],
  },
  { says: "A run may loop through functions and queues as long as its own caps allow; nothing else may.", rules: ["recursive-loop"] },
  {
    says: "Two queues lead to the conductor, and the kind of a message follows from its queue: hands write results and nothing else.",
    rules: ["queue-trust"],
    tests: [["tests/services/leases.test.ts", "that are forged, of nobody's"]],
  },
  {
    says: "A hand claims before every contact; a lease heals losses; what must happen once is never sent twice.",
    tests: [
      ["shared/effects/hands/carry-out-effects.test.ts", "is claimed by one call, carried out and reported under the lease of its claim"],
      ["tests/services/leases.test.ts", "holds its effect until it ends: nobody else may claim it, and the watchdog leaves it alone"],
      ["tests/services/leases.test.ts", "is unknown when its lease ended, and is never sent again by watchdog, pause and resume"],
    ],
  },
  {
    says: "Queues carry ids.",
    tests: [
      ["local/aws/state-machine/engine.test.ts", "takes a run through plan, execution, review and summary, with ids only in each message"],
      ["shared/effects/hands/carry-out-effects.test.ts", "that fills the message is reported; one byte more is not, but its usage is"],
    ],
    open: "A result that fills more than a message is refused; it does not go by a file yet.",
  },
  {
    says: "A queue is handed to its function in the table's numbers; one bad message repeats itself alone; what is given up waits for a person, who is told.",
    rules: ["event-sources", "dead-letters"],
    tests: [
      [
        "shared/effects/hands/carry-out-effects.test.ts",
        "are never more than the worker may carry out at once, and the next begins when one ends",
      ],
      ["shared/platform/aws/send-messages.test.ts", "sends bodies as JSON in batches of ten, with delay, group and attributes where given"],
    ],
  },
  {
    says: "Writers lock in one order; a batch that met another is decided again, and only what is bad of it is refused.",
    tests: [
      [
        "tests/services/interleavings.test.ts",
        "another answer of the same attempt may be stored: the step is decided again, and asks nothing twice",
      ],
      ["tests/services/orchestration.test.ts", "claim every effect once, complete every task once, and leave no gap in any log"],
    ],
  },
  {
    says: "A run's first watchdog is sent before it is committed; what is due and not done is repeated.",
    tests: [
      ["tests/services/watchdog.test.ts", "of an older chain, or of a run that was never committed, does nothing"],
      ["tests/services/crash.test.ts", "with the messages it held, leaves nothing that its watchdog does not do, and nothing twice"],
      ["tests/orchestration/state-machine.test.ts", "a run's watchdog is sent before the run is there, and its execution started after"],
      ["tests/orchestration/state-machine.test.ts", "is started under its own name when it never was"],
    ],
  },
  {
    says: "A closed name is refused: an execution that was lost is begun again at the phase of its run, under the next number.",
    tests: [
      ["tests/orchestration/state-machine.test.ts", "is begun again at the phase of its run, under the next number, and the run completes"],
      ["tests/orchestration/state-machine.test.ts", "is begun again once, however many looks come before its first message"],
      ["tests/orchestration/state-machine.test.ts", "is not taken for lost when its phase was only driven again"],
    ],
  },
  {
    says: "A watchdog of an older chain dies, and so does each copy of one; who slept takes over from one that was lost.",
    tests: [
      ["tests/services/watchdog.test.ts", "goes on once, however often its message comes"],
      [
        "tests/orchestration/state-machine.test.ts",
        "takes over a run that was resumed and whose new watchdog was lost, four hours later at most",
      ],
      ["tests/orchestration/state-machine.test.ts", "dies when its run sleeps on under another, so that doubled sleepers do not stay"],
    ],
  },
  {
    says: "A person's decision begins a watchdog that is awake, at once.",
    tests: [
      [
        "tests/services/watchdog.test.ts",
        "wakes with the person's word: a resumed run has a chain that is awake, and the one that slept dies",
      ],
    ],
  },
  {
    says: "Waiting costs nothing: a sleeping run's message is sent on without a look at the database, but for one in four hours.",
    tests: [
      [
        "tests/services/watchdog.test.ts",
        "of a paused run sleeps to its deadline: it is sent on without a look at the database, and keeps its phase alive",
      ],
    ],
  },
  {
    says: "One execution a run: each phase beats, has a limit, is driven again and is caught; an end that runs no Catch is told by EventBridge.",
    rules: ["state-machine", "execution-ends"],
    tests: [
      [
        "local/aws/state-machine/engine.test.ts",
        "sends a phase again with a new token when no heartbeat comes, and goes to FailRun after the third time",
      ],
      [
        "tests/orchestration/state-machine.test.ts",
        "has five callback states that keep the result apart, need an hourly word, and are driven again without it",
      ],
      ["tests/orchestration/state-machine.test.ts", "is entered at the phase of the run"],
      ["tests/orchestration/state-machine.test.ts", "may send tokens of up to 2,048 characters"],
      [
        "tests/orchestration/state-machine.test.ts",
        "answers an execution that is gone, or a token that is forgotten, as if it had been heard",
      ],
      ["tests/orchestration/state-machine.test.ts", "fails its run when somebody had stopped it: as the event that was lost would have"],
    ],
  },
  {
    says: "A cancel is committed before the execution is stopped, and that it is to stop is said until it was heard.",
    tests: [
      [
        "tests/orchestration/state-machine.test.ts",
        "is committed first; that the state machine is to stop is said again at each look, until it could be said",
      ],
    ],
  },
  {
    says: "Aurora may sleep. Whoever waits waits longer than what it waits for, and all functions together leave the database room.",
    rules: ["database", "timeouts", "connections"],
    tests: [
      [
        "tests/services/database-sessions.test.ts",
        "is replaced when it was unused for longer, whatever the timers of a frozen function say",
      ],
      ["tests/services/database-sessions.test.ts", "when it accepts and does not answer within the time for connecting"],
      ["functions/timeouts.test.ts", "%s outlives the waking of the database"],
    ],
  },
  {
    says: "HTTP functions and the engine have logins of their own, one role each; nobody passes by the policies on rows; the owner migrates and nobody else.",
    rules: ["database", "migrations"],
    tests: [
      ["tests/services/row-level-security.test.ts", "is forced under row-level security, with a policy"],
      ["tests/services/migrate-function.test.ts", "may take on one role each, have no right of their own and are not kept waiting for"],
      ["tests/services/database-tls.test.ts", "logs in with a token of this moment, over TLS"],
    ],
  },
  {
    says: "One switch says how the mind reaches AWS, and sets routes, endpoints, addresses and environment together.",
    rules: ["egress", "security-groups"],
    tests: [
      [
        "shared/platform/aws/client-options.test.ts",
        "leaves region, credentials and endpoint to the SDK on AWS and gives up a connection that does not open",
      ],
    ],
  },
  {
    says: "The mind reaches the database and no model, hands the world and no database, the edge neither.",
    rules: ["zones"],
    tests: [["tests/architecture/zones.test.ts", "holds nothing that the $zone zone forbids"]],
    open: "The hand that takes mail and logins of others to the world comes with them.",
  },
  {
    says: "Whoever breaks out of the sandbox finds nothing: no names, no route, no right, no variable, no other workspace.",
    rules: ["sandbox-network", "zones"],
    tests: [
      ["tests/tools/carry-out-tool.test.ts", "hands programs to the sandbox as the tenant that its workspace is"],
      ["tests/hostile/sandbox-breakdown.test.ts", "finds no environment, no arguments and no input"],
    ],
  },
  {
    says: "The authorizer has one source of identity and one table, and is believed for a minute; API Gateway's own answers are problems.",
    rules: ["authorizer", "gateway-answers"],
    tests: [
      ["tests/hostile/credentials.test.ts", "is refused once it is revoked, and from the moment it expires"],
      ["tests/architecture/zones.test.ts", "holds nothing that the $zone zone forbids"],
    ],
  },
  {
    says: "A run's events stream in segments, and the API's methods are the routes of the table.",
    rules: ["routes", "front-door"],
    tests: [
      ["tests/e2e/follow-run.test.ts", "goes on where a reader left, without a gap and without telling twice, however often he leaves"],
    ],
  },
  {
    says: "An answer that takes longer than API Gateway waits is 202 and a place to look.",
    tests: [["tests/orchestration/tool-calls.test.ts", "comes after twenty seconds in any case, and says where to look"]],
    open: "Models cannot be called from outside yet.",
  },
  {
    says: "Spending is held before it happens, and an unreported try is booked in full.",
    tests: [["tests/services/leases.test.ts", "that ended books its try in full, and the next try takes a hold of its own"]],
  },
  {
    says: "dev costs at most ten dollars while nobody comes, and whatever newly costs is refused.",
    tests: [
      ["tests/infra/cost-and-document.test.ts", "of dev costs at most ten dollars"],
      ["tests/infra/cost-and-document.test.ts", "of %s has a price or a reason for every resource, and nothing that nobody allowed"],
    ],
  },
  {
    says: "Each function has a role of its own, which allows what its code calls and no more, and is told what its code reads and no more.",
    rules: ["roles", "permissions", "environment", "functions"],
  },
  {
    says: "Secrets stand in Secrets Manager alone; each is read by whom it is for; keys of tokens change every month.",
    rules: ["secrets", "key-rotation"],
    tests: [["tests/auth/rotate-keys.test.ts", "leaves tokens good at each of its steps"]],
  },
  { says: "Everything is encrypted where it lies and on its way, and no file can be made public.", rules: ["encryption", "buckets"] },
  { says: "What must not be lost outlives its stack, and is never renamed.", rules: ["deletion", "stateful-ids", "tables"] },
  { says: "Logs end with their retention; whatever goes wrong wakes somebody, who finds what to do.", rules: ["log-groups", "alarms"] },
  { says: "A synthesis needs no account, and what AWS's practices say of it has an answer.", rules: ["templates", "acknowledgements"] },
];
