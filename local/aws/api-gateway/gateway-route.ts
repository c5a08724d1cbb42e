/** A method of a resource, as API Gateway knows it. */
export type GatewayRoute = {
  readonly method: string;
  /** `/v1/runs/{run_id}/files/{path+}`: `{name}` is one segment, `{name+}` the rest of the path. */
  readonly path: string;
  /** Behind the authorizer. */
  readonly authorized: boolean;
  /** Integrated with response streaming. */
  readonly stream: boolean;
  readonly functionName: string;
};
