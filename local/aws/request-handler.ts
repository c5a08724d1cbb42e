import type { AwsService, SdkRequestHandler } from "../../shared/platform/aws/client-options.ts";

/**
 * Gives each request of the SDK to the service of this process that it is for. Services that are missing here (DynamoDB, which runs
 * behind an endpoint of its own) are refused by name rather than sent to the network.
 */
export function createRequestHandler(services: Partial<Record<AwsService, SdkRequestHandler>>): SdkRequestHandler {
  const byHost = new Map(Object.entries(services).map(([service, handler]) => [`${service}.invalid`, handler]));
  return {
    async handle(request) {
      const handler = byHost.get(request.hostname);
      if (handler === undefined) throw new Error(`No embedded service answers ${request.method} ${request.hostname}${request.path}`);
      return handler.handle(request);
    },
  };
}
