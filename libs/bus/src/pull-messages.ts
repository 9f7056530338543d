import {
  AckPolicy,
  type Consumer,
  type ConsumerConfig,
  type ConsumerMessages,
  DeliverPolicy,
  JetStreamApiError,
  type JsMsg,
} from "@nats-io/jetstream";
import type { Bus } from "./connect-bus.ts";
import { translateBusError } from "./translate-error.ts";

export interface PullOptions {
  readonly stream: string;
  readonly consumer: string;
  readonly filterSubject: string;
  /** Bytes asked of the server ahead of their use. */
  readonly maxBytes: number;
  /** A message that is neither acknowledged nor `working()` for this long is delivered again. */
  readonly ackWaitMs: number;
  /** Messages out for acknowledgement at most. */
  readonly maxAckPending: number;
}

const RETRY_MS = 500;
/** JetStream's error code for the creation of a consumer that is there with other settings. */
const CONSUMER_EXISTS = 10148;

/**
 * A durable pull consumer as an endless sequence of messages. It is created where it does not exist, and pulling starts
 * anew with a pause when the server or the consumer went away; `stop` ends the sequence.
 */
export class MessagePuller {
  readonly #bus: Bus;
  readonly #options: PullOptions;
  #messages: ConsumerMessages | undefined;
  #isStopped = false;

  constructor(bus: Bus, options: PullOptions) {
    this.#bus = bus;
    this.#options = options;
  }

  /** Yields messages until `stop`; never throws for a fault of the connection. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<JsMsg> {
    while (!this.#isStopped) {
      try {
        this.#messages = await this.#open();
        // Stopped while it was opened: without this it would go on for ever.
        if (this.#isStopped) this.#messages.stop();
        for await (const message of this.#messages) yield message;
      } catch (error) {
        const fault = translateBusError(error, `pull from ${this.#options.stream}`);
        this.#bus.logger.warn({ consumer: this.#options.consumer, err: fault }, "pulling interrupted");
      }
      if (this.#isStopped) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** No more messages after those already handed out. */
  stop(): void {
    this.#isStopped = true;
    this.#messages?.stop();
  }

  async #open(): Promise<ConsumerMessages> {
    const consumer = await this.#ensureConsumer();
    if (this.#isStopped) throw new Error("stopped");
    return consumer.consume({
      max_bytes: this.#options.maxBytes,
      expires: 10_000,
      idle_heartbeat: 2000,
    });
  }

  async #ensureConsumer(): Promise<Consumer> {
    const { stream, consumer, filterSubject, ackWaitMs, maxAckPending } = this.#options;
    const settings = {
      filter_subject: filterSubject,
      ack_wait: ackWaitMs * 1_000_000,
      max_ack_pending: maxAckPending,
    } satisfies Partial<ConsumerConfig>;
    const { consumers } = this.#bus.manager;
    try {
      await consumers.add(stream, {
        ...settings,
        durable_name: consumer,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
      });
    } catch (error) {
      // Since 2.10 a consumer that exists with other settings is not changed by its creation.
      if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_EXISTS) throw error;
      await consumers.update(stream, consumer, settings);
    }
    return this.#bus.jetstream.consumers.get(stream, consumer);
  }
}
