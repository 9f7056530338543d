import { type Bus, translateBusError } from "@monotreme/bus";
import { eventsSubject } from "@monotreme/contracts";
import { headers } from "@nats-io/transport-node";
import type { Flip } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { flipIdOf } from "./flip-id.ts";
import type { FlipListener } from "./flip-outbox.ts";

const MESSAGE_ID = "Nats-Msg-Id";

/**
 * Tells the console, and whoever else follows the stream `EVENTS`, of flips as they happen, on `events.flip`. Nobody
 * waits until the stream has them: the history has them all.
 */
export class EventFlips implements FlipListener {
  readonly name = "events";
  readonly isUrgent = false;
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async take({ definition: { id, name, slug, project, tags } }: LoadedCheck, flip: Flip): Promise<void> {
    const { atMs, from, to, reason } = flip;
    const event = { atMs, check: id, name, slug, project, tags, from, to, reason };
    const messageHeaders = headers();
    messageHeaders.set(MESSAGE_ID, flipIdOf(id, flip));
    try {
      this.#bus.connection.publish(eventsSubject("flip"), JSON.stringify(event), { headers: messageHeaders });
    } catch (error) {
      throw translateBusError(error, "publish a flip");
    }
  }
}
