import { flipsSubject } from "@monotreme/contracts";
import type { CheckDefinition, Flip } from "../checks/check.ts";
import { encodeFlipRecord } from "../history/flip-record.ts";
import type { RecordSender } from "../history/record-sender.ts";
import type { FlipListener } from "./flip-outbox.ts";
import { flipIdOf } from "./flip-id.ts";

interface FlippedCheck {
  readonly definition: Pick<CheckDefinition, "id" | "project">;
}

/** Puts flips on their way into the history, beside the pings. */
export class HistoryFlips implements FlipListener {
  readonly name = "history";
  readonly isUrgent = false;
  readonly #sender: RecordSender;

  constructor(sender: RecordSender) {
    this.#sender = sender;
  }

  async take({ definition: { id, project } }: FlippedCheck, flip: Flip): Promise<void> {
    const { atMs, from, to, reason } = flip;
    const data = encodeFlipRecord({ checkId: id, project, atMs, from, to, reason });
    await this.#sender.send({ subject: flipsSubject(id), data, messageId: flipIdOf(id, flip) });
  }
}
