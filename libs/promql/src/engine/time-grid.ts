/** The evaluation steps of a query or subquery: `count` instants from `startMs`, `stepMs` apart (0 for one instant). */
export interface TimeGrid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

/** The first step alone, on which step-invariant expressions are evaluated. */
export function firstStepOf(grid: TimeGrid): TimeGrid {
  return { startMs: grid.startMs, stepMs: 0, count: 1 };
}

/** The instant of the last step. */
export function lastMsOf(grid: TimeGrid): number {
  return grid.startMs + (grid.count - 1) * grid.stepMs;
}
