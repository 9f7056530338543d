import { AppError } from "@monotreme/errors";
import type { TimeZone } from "./time-zone.ts";

/** Moments at which something is due. */
export interface Schedule {
  /** The first moment after the given one (epoch ms, exclusive), or undefined where there is none any more. */
  nextAfter(instantMs: number, zone: TimeZone): number | undefined;
}

/** A schedule or a time zone that cannot be understood. */
export class ScheduleError extends AppError {
  constructor(message: string) {
    super("SCHEDULE_INVALID", "invalid", message);
  }
}
