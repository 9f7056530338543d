import { type Bus, translateBusError } from "@monotreme/bus";
import { flipsSubject } from "@monotreme/contracts";
import type { CheckDefinition, Flip } from "../checks/check.ts";
import { encodeFlipRecord } from "../history/flip-record.ts";
import type { FlipListener } from "./flip-outbox.ts";
import { flipIdOf } from "./flip-id.ts";

interface FlippedCheck {
  readonly definition: Pick<CheckDefinition, "id" | "project">;
}

/** Few, so that what is urgent about other flips goes first. */
const AT_ONCE = 8;

/** Puts flips on their way into the history, beside the pings. */
export class HistoryFlips implements FlipListener {
  readonly name = "history";
  readonly #bus: Bus;
  #inFlight = 0;
  readonly #queue: (() => void)[] = [];

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async take({ definition: { id, project } }: FlippedCheck, flip: Flip): Promise<void> {
    const { atMs, from, to, reason } = flip;
    const message = encodeFlipRecord({ checkId: id, project, atMs, from, to, reason });
    if (this.#inFlight >= AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#inFlight++;
    try {
      await this.#bus.jetstream.publish(flipsSubject(id), message, { msgID: flipIdOf(id, flip) });
    } catch (error) {
      throw translateBusError(error, "record a flip");
    } finally {
      this.#inFlight--;
      this.#queue.shift()?.();
    }
  }
}
