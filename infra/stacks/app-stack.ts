import { Stack, type StackProps } from "aws-cdk-lib";
import type * as apigateway from "aws-cdk-lib/aws-apigateway";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import type * as logs from "aws-cdk-lib/aws-logs";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import type * as sfn from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { type FunctionEntry, functionTable } from "../../functions/function-table.ts";
import { type QueueName, type QueueSettings, queueTable } from "../../functions/queue-table.ts";
import { findConnectionShortage } from "../capacity/connection-users.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { createFunctions } from "../constructs/create-functions.ts";
import { ExecutionEndRule } from "../constructs/execution-end-rule.ts";
import { hashFolder } from "../constructs/hash-folder.ts";
import { KeyRotation } from "../constructs/key-rotation.ts";
import { toRetention } from "../constructs/log-retention.ts";
import { MigrationTrigger } from "../constructs/migration-trigger.ts";
import { QueueConsumer } from "../constructs/queue-consumer.ts";
import { QueueWithDeadLetters } from "../constructs/queue-with-dead-letters.ts";
import { RestApi } from "../constructs/rest-api.ts";
import { RunStateMachine } from "../constructs/run-state-machine.ts";
import { mapTable, namesOf, toId } from "../functions/map-table.ts";
import type { DataResources } from "./data-resources.ts";

export type AppStackProps = StackProps & { readonly config: StageConfig; readonly data: DataResources };

/** Everything that runs, and nothing that must be kept: it can be made again from the repository. */
export class AppStack extends Stack {
  readonly api: apigateway.SpecRestApi;
  readonly accessLogs: logs.LogGroup;
  readonly functions: Readonly<Record<FunctionEntry, lambda.Function>>;
  readonly queues: Readonly<Record<QueueName, { readonly queue: sqs.Queue; readonly deadLetters: sqs.Queue }>>;
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { config, data, ...props }: AppStackProps) {
    super(scope, id, props);
    const logRetention = toRetention(config.logDays);
    const { control: settings, ...others } = queueTable;
    const conducted = new QueueWithDeadLetters(this, toId("control", "Queue"), { settings, givesUpTo: undefined });
    const rest = mapTable<Exclude<QueueName, "control">, QueueSettings, QueueWithDeadLetters>(others, (name, row) => {
      const givesUpTo = row.givesUpTo === undefined ? undefined : conducted.queue;
      return new QueueWithDeadLetters(this, toId(name, "Queue"), { settings: row, givesUpTo });
    });
    this.queues = { ...rest, control: conducted };
    const { control } = this.queues;
    this.stateMachine = new RunStateMachine(this, "Run", { control: control.queue, logRetention }).machine;
    new ExecutionEndRule(this, "ExecutionEnd", { machine: this.stateMachine, control });
    this.functions = createFunctions(this, { config, data, queues: this.queues, stateMachine: this.stateMachine });
    for (const name of namesOf(queueTable)) {
      const settings = queueTable[name];
      const consumer = this.functions[settings.consumer];
      new QueueConsumer(this, toId(name, "Consumer"), { queue: this.queues[name].queue, consumer, settings });
    }
    const gateway = new RestApi(this, "Api", { functions: this.functions, config, logRetention, setsUpLogging: config.stage !== "local" });
    this.api = gateway.api;
    this.accessLogs = gateway.accessLogs;
    this.addUpkeep(data, logRetention);
    refuseShortage(config, data);
  }

  /** The two functions that a deployment and a calendar call. */
  private addUpkeep(data: DataResources, logRetention: logs.RetentionDays): void {
    const { "orchestrator/migrate": migrate, "auth/rotate-keys": rotate } = this.functions;
    new KeyRotation(this, "KeyRotation", { secret: data.jwtKeys, rotate });
    new MigrationTrigger(this, "Migrations", {
      migrate,
      version: hashFolder("migrations"),
      before: namesOf(functionTable).flatMap((entry) => (isOnDatabase(entry) ? this.functions[entry] : [])),
      logRetention,
    });
  }
}

/** Finds the database that the migrations left; they themselves make it. */
const isOnDatabase = (entry: FunctionEntry): boolean => functionTable[entry].zone === "mind" && entry !== "orchestrator/migrate";

/** Nothing is reserved and nothing throttled on an emulator, which serves one person. */
function refuseShortage(config: StageConfig, { database }: DataResources): void {
  const shortage = config.stage === "local" ? undefined : findConnectionShortage(config, database.maxConnections);
  if (shortage !== undefined) throw new Error(shortage);
}
