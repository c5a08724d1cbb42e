import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { buildApp } from "fauxqs";
import * as z from "zod";
import { MAX_RECEIVES, type QueueName, type QueueSettings, queueTable } from "../../../functions/queue-table.ts";
import { mendFauxqs } from "./mend-fauxqs.ts";

export type CloudQueues = {
  readonly hostname: string;
  readonly port: number;
  readonly client: SQSClient;
  url(name: QueueName): string;
  /** How many messages nobody could handle, by queue; those with none are left out. */
  countDead(): Promise<Record<string, number>>;
  close(): Promise<void>;
};

const credentials = { accessKeyId: "aws", secretAccessKey: "aws" };

/** SQS (fauxqs) on loopback, with every queue of the product and its dead letters. */
export async function openQueues(): Promise<CloudQueues> {
  await mendFauxqs();
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: "127.0.0.1", port: 0 });
  const client = new SQSClient({ region: "us-east-1", endpoint, credentials, useQueueUrlAsEndpoint: false });
  const urls = new Map<string, string>();
  const table: Readonly<Record<string, QueueSettings>> = queueTable;
  for (const [name, { visibilitySeconds, givesUpTo, maxReceives }] of Object.entries(table)) {
    const dead = givesUpTo === undefined ? await createQueue(client, `${name}-dead`, {}) : z.string().parse(urls.get(givesUpTo));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: ["QueueArn"] }));
    const redrive = JSON.stringify({ deadLetterTargetArn: Attributes?.["QueueArn"], maxReceiveCount: maxReceives ?? MAX_RECEIVES });
    urls.set(name, await createQueue(client, name, { VisibilityTimeout: String(visibilitySeconds), RedrivePolicy: redrive }));
    urls.set(`${name}-dead`, dead);
  }
  const { hostname, port } = new URL(endpoint);
  return {
    hostname,
    port: Number(port),
    client,
    url: (name) => z.string().parse(urls.get(name)),
    async countDead() {
      const counts = Object.keys(queueTable).map(async (name): Promise<[string, number]> => {
        const wish = { QueueUrl: urls.get(`${name}-dead`), AttributeNames: ["ApproximateNumberOfMessages" as const] };
        const { Attributes } = await client.send(new GetQueueAttributesCommand(wish));
        return [name, Number(Attributes?.["ApproximateNumberOfMessages"])];
      });
      return Object.fromEntries((await Promise.all(counts)).filter(([, count]) => count !== 0));
    },
    async close() {
      client.destroy();
      await app.close();
    },
  };
}

async function createQueue(client: SQSClient, name: string, attributes: Record<string, string>): Promise<string> {
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return z.string().parse(QueueUrl);
}
