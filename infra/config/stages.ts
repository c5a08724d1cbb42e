import type { StageConfig, StageName } from "./stage-config.ts";

/** What each stage is. A change here is a change of infrastructure, so it is committed and reviewed. */
export const stages: { readonly [Name in StageName]: StageConfig & { stage: Name } } = {
  /** Costs next to nothing while nobody uses it, and needs no key of a model. */
  dev: {
    stage: "dev",
    region: "us-east-1",
    egress: "ipv6",
    cache: "valkey",
    acu: { min: 0, max: 4 },
    readers: 0,
    registration: "first",
    waf: false,
    retain: false,
    logDays: 14,
    reservedConcurrency: false,
    model: "offline:offline-rules-v1",
  },
  /** Survives the loss of a zone, never sleeps, and is hard to delete. */
  prod: {
    stage: "prod",
    region: "us-east-1",
    egress: "endpoints",
    cache: "valkey",
    acu: { min: 0.5, max: 16 },
    readers: 1,
    registration: "first",
    waf: true,
    retain: true,
    logDays: 90,
    reservedConcurrency: true,
    model: "openai:gpt-6-luna",
  },
  /** On an emulator: database and cache are those of the compose file. */
  local: {
    stage: "local",
    region: "us-east-1",
    egress: "ipv6",
    cache: "valkey",
    acu: { min: 0, max: 1 },
    readers: 0,
    registration: "open",
    waf: false,
    retain: false,
    logDays: 1,
    reservedConcurrency: false,
    model: "offline:offline-rules-v1",
  },
};
