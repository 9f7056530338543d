import { type Bus, translateBusError } from "@monotreme/bus";
import { flipsSubject } from "@monotreme/contracts";
import type { Flip } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { encodeFlipRecord } from "../history/flip-record.ts";
import type { FlipListener } from "./flip-outbox.ts";
import { flipIdOf } from "./flip-id.ts";

/** Puts flips on their way into the history, beside the pings. */
export class HistoryFlips implements FlipListener {
  readonly name = "history";
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async take({ definition: { id, project } }: LoadedCheck, flip: Flip): Promise<void> {
    const { atMs, from, to, reason } = flip;
    const message = encodeFlipRecord({ checkId: id, project, atMs, from, to, reason });
    try {
      await this.#bus.jetstream.publish(flipsSubject(id), message, { msgID: flipIdOf(id, flip) });
    } catch (error) {
      throw translateBusError(error, "record a flip");
    }
  }
}
