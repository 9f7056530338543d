import { type Bus, askReplicas } from "@monotreme/bus";
import { messageOf } from "@monotreme/errors";
import { z } from "zod";
import type { ClusterStatus } from "../api/api-context.ts";

/** One alertmanager as others see it. */
export interface Replica {
  /** Unique to the life of a process. */
  readonly name: string;
  readonly address: string;
}

const SUBJECT = "alertmanager.replicas";
const ASK_INTERVAL_MS = 5_000;
const ASK = { maxWaitMs: 1_000, quietMs: 250, maxBytes: 64 * 1024 } as const;

const replicaSchema = z.object({ name: z.string(), address: z.string() });

/**
 * Who else is there: every replica answers a question on the bus, and asks it every few seconds. A replica that does
 * not answer is no member; nothing depends on it but what people see.
 */
export class ReplicaDirectory {
  readonly #bus: Bus;
  readonly #self: Replica;
  readonly #subscription: { unsubscribe(): void };
  #members: readonly Replica[];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(bus: Bus, self: Replica) {
    this.#bus = bus;
    this.#self = self;
    this.#members = [self];
    const answer = JSON.stringify(self);
    this.#subscription = bus.connection.subscribe(SUBJECT, {
      callback: (error, message) => {
        if (error === null) message.respond(answer);
      },
    });
    void this.#ask();
  }

  /** Sorted by name; this replica is always one of them. */
  get members(): readonly Replica[] {
    return this.#members;
  }

  status(): ClusterStatus {
    return { name: this.#self.name, status: "ready", peers: this.#members };
  }

  /** The place of this replica in the order of names. */
  get position(): number {
    return this.#members.findIndex(({ name }) => name === this.#self.name);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#subscription.unsubscribe();
  }

  /** Never rejects; asks again after a while. */
  async #ask(): Promise<void> {
    try {
      const { messages } = await askReplicas(this.#bus, SUBJECT, "", ASK);
      const byName = new Map([[this.#self.name, this.#self]]);
      for (const message of messages) {
        const replica = replicaFrom(message);
        if (replica !== undefined) byName.set(replica.name, replica);
      }
      this.#members = [...byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    } catch (error) {
      this.#bus.logger.debug({ reason: messageOf(error) }, "other replicas were not asked");
    }
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#ask(), ASK_INTERVAL_MS);
  }
}

function replicaFrom(message: Uint8Array): Replica | undefined {
  try {
    const result = replicaSchema.safeParse(JSON.parse(new TextDecoder().decode(message)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
