import type { ConfiguredIntegration } from "@monotreme/receivers";
import type { Alert } from "../alerts/alert.ts";
import type { LogState } from "../notify/notification-log.ts";

export interface ToldIntegration {
  readonly configured: ConfiguredIntegration;
  readonly logId: string;
  /** Undefined where it was told nothing yet, or so long ago that the log forgot. */
  readonly state: LogState | undefined;
}

/** What the integrations of one group have been told, as the log knew it at one moment. */
export class ToldGroup {
  readonly integrations: readonly ToldIntegration[];

  constructor(integrations: readonly ToldIntegration[]) {
    this.integrations = integrations;
  }

  /** Some integration believes that the alert fires. */
  isOpen({ fingerprint }: Alert): boolean {
    return this.integrations.some(({ state }) => state?.open.has(fingerprint) === true);
  }

  /** The flush of the last message; undefined where no integration believes that anything of the group fires. */
  get lastFlushMs(): number | undefined {
    const states = this.integrations.flatMap(({ state }) => (state === undefined ? [] : [state]));
    const flushes = states.filter(({ open }) => open.size > 0).map(({ flushMs }) => flushMs);
    return flushes.length === 0 ? undefined : Math.max(...flushes);
  }
}
