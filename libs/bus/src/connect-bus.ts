import { MAX_MESSAGE_BYTES } from "@monotreme/contracts";
import { AppError } from "@monotreme/errors";
import type { Logger, Registry } from "@monotreme/telemetry";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { AckedPublisher } from "./acked-publisher.ts";
import { BusUnavailableError } from "./bus-errors.ts";
import { type BusMetrics, createBusMetrics } from "./bus-metrics.ts";
import { parseServerList } from "./server-list.ts";
import { translateBusError } from "./translate-error.ts";

export interface BusOptions {
  /** One or more server addresses, separated by commas, with `user:password@` or `token@` where the server asks. */
  readonly url: string;
  /** Shown in the server's connection list. */
  readonly name: string;
  readonly logger: Logger;
  readonly registry: Registry;
  /** How long the first connection may take before it is given up; 0: one attempt. */
  readonly connectTimeoutMs?: number;
}

const DEFAULT_CONNECT_TIMEOUT_MS = 30_000;

/**
 * A process' one connection to NATS. It reconnects for ever; while it is away `isConnected` is false and publishing
 * waits or fails with `BUS_UNAVAILABLE`. `close` sends what is buffered before it closes.
 */
export class Bus {
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  /** For messages by the thousand that each want their acknowledgement. */
  readonly publisher: AckedPublisher;
  readonly metrics: BusMetrics;
  readonly logger: Logger;
  #isConnected = true;
  readonly #waiters = new Set<() => void>();
  #closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, manager: JetStreamManager, options: BusOptions) {
    this.connection = connection;
    this.manager = manager;
    this.jetstream = jetstream(connection, { timeout: 5000 });
    this.publisher = new AckedPublisher(connection);
    this.logger = options.logger.child({ component: "bus" });
    this.metrics = createBusMetrics(options.registry);
    this.metrics.connected.set(1);
    void this.#watch();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Resolves when connected, true; or false when the time is over first. */
  async waitUntilConnected(timeoutMs: number): Promise<boolean> {
    if (this.#isConnected) return true;
    return new Promise((resolve) => {
      const onConnected = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiters.delete(onConnected);
        resolve(false);
      }, timeoutMs);
      this.#waiters.add(onConnected);
    });
  }

  async close(): Promise<void> {
    this.#closing ??= this.#isConnected ? this.connection.drain() : this.connection.close();
    return this.#closing;
  }

  /** Follows the connection's state until it closes; never rejects. */
  async #watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === "disconnect") {
        this.#isConnected = false;
        this.metrics.connected.set(0);
        this.logger.warn({ server: status.server }, "connection to NATS lost");
      } else if (status.type === "reconnect") {
        this.#isConnected = true;
        this.metrics.connected.set(1);
        this.metrics.reconnects.inc();
        this.logger.info({ server: status.server }, "connected to NATS again");
        for (const waiter of this.#waiters) waiter();
        this.#waiters.clear();
      } else if (status.type === "error") {
        this.logger.warn({ err: status.error }, "NATS reports an error");
      }
    }
  }
}

/** Connects, waiting for the server up to the time-out, and checks that JetStream answers. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const deadline = Date.now() + (options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS);
  let lastError: unknown;
  for (;;) {
    try {
      return await connectOnce(options);
    } catch (error) {
      // An address that cannot be read does not get better.
      if (error instanceof AppError && error.kind !== "unavailable") throw error;
      lastError = error;
      options.logger.debug({ err: error }, "NATS is not there yet");
    }
    if (Date.now() >= deadline) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const cause = translateBusError(lastError, "connect");
  throw new BusUnavailableError(
    `${withoutCredentials(options.url)} did not answer (${cause.message}); see --nats.url`,
    cause,
  );
}

async function connectOnce(options: BusOptions): Promise<Bus> {
  const { servers, credentials } = parseServerList(options.url);
  const connection = await connect({
    servers: [...servers],
    ...credentials,
    name: options.name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    // A dead peer is noticed after two missed pings.
    pingInterval: 5000,
    maxPingOut: 2,
    timeout: 5000,
    // Two stack traces for every publish would cost more than the publish.
    noAsyncTraces: true,
  });
  const maxPayload = connection.info?.max_payload ?? 0;
  if (maxPayload < MAX_MESSAGE_BYTES) {
    const fields = { maxPayload, needed: MAX_MESSAGE_BYTES };
    options.logger.warn(
      fields,
      "NATS takes smaller messages than this needs; set max_payload: 8MB in its configuration",
    );
  }
  try {
    return new Bus(connection, await jetstreamManager(connection, { timeout: 5000 }), options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function withoutCredentials(urls: string): string {
  return urls.replaceAll(/\/\/[^@/,]*@/g, "//");
}
