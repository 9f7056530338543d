import { type Bus, translateBusError } from "@monotreme/bus";
import { eventsSubject } from "@monotreme/contracts";
import { silenceJson } from "../api/v2/silence-json.ts";
import type { Silence } from "../silences/silence.ts";

/** What happened to a silence. */
export type SilenceEvent = "created" | "updated" | "expired" | "ends-soon";

/**
 * Tells the console and whoever else follows the stream `EVENTS` of silences, on `events.silence`. Best effort: an event
 * that is lost is logged, and the silence itself is safe.
 */
export class SilenceEvents {
  readonly #bus: Bus;
  readonly #now: () => number;

  constructor(bus: Bus, now: () => number) {
    this.#bus = bus;
    this.#now = now;
  }

  publish(event: SilenceEvent, silence: Silence): void {
    const nowMs = this.#now();
    const message = JSON.stringify({ event, atMs: nowMs, silence: silenceJson(silence, nowMs) });
    // A replica that takes over may announce the same again; JetStream drops what it has seen.
    const msgID = `silence/${event}/${silence.id}/${silence.updatedAtMs}`;
    this.#bus.jetstream.publish(eventsSubject("silence"), message, { msgID }).catch((error: unknown) => {
      const fault = translateBusError(error, "publish an event");
      this.#bus.logger.debug({ reason: fault.message }, "an event about a silence is lost");
    });
  }
}
