import type { Bus } from "@monotreme/bus";
import { type BlockEvent, eventsSubject } from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import { type BlockRecord, resolutionOf } from "@monotreme/storage";
import type { Logger } from "@monotreme/telemetry";

/** Tells those who look on live what became of blocks; an event that is not taken is left out. */
export function publishBlockEvents(bus: Bus, logger: Logger): (record: BlockRecord) => void {
  return (record) => {
    const event: BlockEvent = {
      resolution: resolutionOf(record.resolutionMs).name,
      startMs: record.startMs,
      state: record.state,
      generation: record.generation,
      series: record.series,
      samples: record.samples,
      bytes: record.bytes,
      reason: record.reason,
      holder: record.holder,
      atMs: record.updatedMs,
    };
    bus.jetstream.publish(eventsSubject("block"), JSON.stringify(event)).catch((error: unknown) => {
      logger.debug({ reason: messageOf(error) }, "an event of a block was not published");
    });
  };
}
