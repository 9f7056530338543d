import type { ExternalLabels } from "./external-labels.ts";
import type { ReadGate } from "./read-gate.ts";

/** What the routes share that give raw samples to other systems. */
export interface RawReads {
  readonly gate: ReadGate;
  readonly externalLabels: () => ExternalLabels;
}
