/**
 * Loads what conductors and people load when they first need it. How long a file takes to load is decided by no seed: of two things that one
 * worker does at once, one would come first now and the other then.
 */
export async function loadModules(): Promise<void> {
  await Promise.all([
    import("../../shared/orchestration/sql/rare-sections.ts"),
    import("../../shared/orchestration/approvals/sql/read-open-items.ts"),
    import("../../shared/orchestration/approvals/sql/read-approval-rules.ts"),
    import("../../shared/orchestration/conductor/answer-recalls.ts"),
    import("../../shared/orchestration/conductor/fail-undeliverable.ts"),
    import("../../shared/orchestration/conductor/process-phase.ts"),
    import("../../shared/orchestration/start/start-tasks.ts"),
    import("../../shared/orchestration/watchdog/watch-run.ts"),
    import("../../shared/orchestration/conductor/process-execution.ts"),
    import("../../shared/orchestration/watchdog/restore-execution.ts"),
    import("../../shared/orchestration/commit/pause-for-budget.ts"),
    import("../../shared/orchestration/pool/start-elsewhere.ts"),
    import("../../shared/orchestration/pool/load-planning.ts"),
    import("../../shared/agents/domain/find-policy-faults.ts"),
    import("../../shared/agents/domain/check-result.ts"),
    import("../../shared/agents/domain/validate-plan.ts"),
    import("../../shared/agents/domain/read-plan.ts"),
    import("../../shared/agents/domain/accept-result.ts"),
    import("../../shared/orchestration/sql/control-task.ts"),
    import("../../shared/orchestration/domain/fail-task.ts"),
    import("../../shared/orchestration/prices/open-prices.ts"),
    import("../../shared/orchestration/pool/load-others.ts"),
    import("../../shared/orchestration/sql/read-pool.ts"),
    import("../../shared/orchestration/plan-contract/draw-up-terms.ts"),
    import("../../shared/orchestration/subtasks/load-division.ts"),
    import("../../shared/orchestration/domain/subtasks/divide-task.ts"),
  ]);
}
