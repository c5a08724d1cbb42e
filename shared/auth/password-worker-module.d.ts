declare module "*/password-worker.mjs" {
  export const workerUrl: string;
}
