import type { ExecutionEnvironment } from "./execution-environment.ts";

export type EnvironmentPool = {
  /** Gives `use` an environment that nobody else uses meanwhile; one that served a tenant serves no other. */
  run<Result>(tenantId: string | undefined, use: (environment: ExecutionEnvironment) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

type Member = { readonly environment: ExecutionEnvironment; readonly tenantId: string | undefined };

/**
 * The environments of one function, started when they are needed. Where Lambda would start one more than `limit`, the invocation waits for one
 * to be free.
 */
export function createPool(limit: number, start: () => Promise<ExecutionEnvironment>): EnvironmentPool {
  const members = new Set<Member>();
  const idle: Member[] = [];
  const waiting: (() => void)[] = [];
  let starting = 0;
  let isClosed = false;

  async function take(tenantId: string | undefined): Promise<Member> {
    for (;;) {
      if (isClosed) throw new Error("The function was taken away");
      const own = idle.findLastIndex((member) => member.tenantId === tenantId);
      const [found] = own < 0 ? [] : idle.splice(own, 1);
      if (found !== undefined) return found;
      if (members.size + starting < limit) return add(tenantId);
      const foreign = idle.shift();
      if (foreign === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      else {
        members.delete(foreign);
        await foreign.environment.kill();
      }
    }
  }

  async function add(tenantId: string | undefined): Promise<Member> {
    starting += 1;
    try {
      const member = { environment: await start(), tenantId };
      members.add(member);
      if (isClosed) await member.environment.kill();
      return member;
    } finally {
      starting -= 1;
    }
  }

  async function giveBack(member: Member): Promise<void> {
    try {
      await member.environment.untilIdle();
      idle.push(member);
    } catch {
      members.delete(member);
    }
    waiting.shift()?.();
  }

  return {
    async run(tenantId, use) {
      const member = await take(tenantId);
      try {
        return await use(member.environment);
      } finally {
        void giveBack(member);
      }
    },
    async close() {
      isClosed = true;
      for (const wake of waiting.splice(0)) wake();
      await Promise.all([...members].map(({ environment }) => environment.kill()));
    },
  };
}
