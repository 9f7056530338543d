import { type Bus, connectBus, ensureStreams, MessagePuller, SampleWriter } from "@monotreme/bus";
import { decodeSampleBatch, SAMPLES_STREAM, samplesSubject } from "@monotreme/contracts";
import { Labels } from "@monotreme/model";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { eventually, startNats, type TestServer } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const MIB = 2 ** 20;

describe("bus", () => {
  let nats: TestServer;
  let bus: Bus;

  beforeEach(async () => {
    nats = await startNats();
    bus = await connect();
    await ensureStreams(bus, { samplesMaxBytes: 64 * MIB, deadletterMaxBytes: MIB, replicas: 1 });
  });
  afterEach(async () => {
    await bus?.close();
    await nats?.stop();
  });

  const connect = async (): Promise<Bus> =>
    connectBus({ url: nats.url, name: "test", logger: createSilentLogger(), registry: new Registry() });

  const append = async (writer: SampleWriter, samples: number, onDurable?: () => void): Promise<void> => {
    const request = writer.begin("tenant");
    for (let i = 0; i < samples; i++) request.addSample(0, 1, 2, i, 4, 1_700_000_000_000 + i, 0, 0);
    if (onDurable !== undefined) request.announce(0, 1, 2, 3, 4, 5, Labels.fromObject({ a: "b" }), onDurable);
    await request.commit();
  };

  const storedSamples = async (): Promise<number> => {
    const { state } = await bus.manager.streams.info(SAMPLES_STREAM);
    let samples = 0;
    for (let seq = state.first_seq; seq <= state.last_seq && state.messages > 0; seq++) {
      const message = await bus.manager.streams.getMessage(SAMPLES_STREAM, { seq });
      if (message !== null) samples += decodeSampleBatch(message.data).sampleCount;
    }
    return samples;
  };

  test("many small requests share few messages, and each waits for its own", async () => {
    const writer = new SampleWriter(bus);
    const durable: number[] = [];
    const requests = Array.from({ length: 500 }, async (_, i) => append(writer, 3, () => durable.push(i)));
    await Promise.all(requests);
    expect(durable).toHaveLength(500);
    expect(await storedSamples()).toBe(1500);
    const { state } = await bus.manager.streams.info(SAMPLES_STREAM);
    expect(state.messages).toBeLessThan(20);
    await writer.close();
  });

  test("a large request is cut into messages below the limit of the server", async () => {
    const writer = new SampleWriter(bus);
    await append(writer, 100_000);
    const { state } = await bus.manager.streams.info(SAMPLES_STREAM);
    expect(state.messages).toBeGreaterThan(5);
    expect(await storedSamples()).toBe(100_000);
  });

  test("a full stream refuses, says so, and keeps what it has", async () => {
    await ensureStreams(bus, { samplesMaxBytes: MIB, deadletterMaxBytes: MIB, replicas: 1 });
    const writer = new SampleWriter(bus);
    let stored = 0;
    let isAnnounced = false;
    const fill = async (): Promise<void> => {
      for (;;) {
        await append(writer, 5000);
        stored += 5000;
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: "BUS_FULL", kind: "unavailable" });
    const refused = append(writer, 5000, () => {
      isAnnounced = true;
    });
    await expect(refused).rejects.toMatchObject({ code: "BUS_FULL" });
    expect(isAnnounced).toBe(false);
    expect(await storedSamples()).toBe(stored);
  });

  test("what waits in memory is bounded", async () => {
    const writer = new SampleWriter(bus, { maxPendingBytes: MIB, publishDeadlineMs: 500 });
    await nats.halt();
    const waiting: Promise<unknown>[] = [];
    expect(() => {
      for (let i = 0; i < 100; i++) waiting.push(append(writer, 5000).catch((error: unknown) => error));
    }).not.toThrow();
    const outcomes = await Promise.all(waiting);
    const codes = new Set(
      outcomes.map((outcome) => (outcome instanceof Error && "code" in outcome ? outcome.code : "")),
    );
    expect(codes).toEqual(new Set(["BUS_FULL", "BUS_UNAVAILABLE"]));
  });

  test("a server that is killed and comes back loses and doubles nothing", async () => {
    const writer = new SampleWriter(bus);
    const requests: Promise<void>[] = [];
    for (let i = 0; i < 50; i++) requests.push(append(writer, 2000));
    await nats.kill();
    await nats.restart();
    for (let i = 0; i < 50; i++) requests.push(append(writer, 2000));
    await Promise.all(requests);
    expect(bus.isConnected).toBe(true);
    expect(await storedSamples()).toBe(200_000);
  });

  test("a puller goes on after the server was killed, until it is stopped", async () => {
    const writer = new SampleWriter(bus);
    const puller = new MessagePuller(bus, {
      stream: SAMPLES_STREAM,
      consumer: "test",
      filterSubject: samplesSubject(0),
      maxBytes: MIB,
      ackWaitMs: 2000,
      maxAckPending: 100,
    });
    const sequences = new Set<number>();
    const pulling = (async () => {
      for await (const message of puller) {
        sequences.add(message.seq);
        message.ack();
      }
    })();
    await append(writer, 1);
    await eventually(() => sequences.size === 1);
    await nats.kill();
    await nats.restart();
    await append(writer, 1);
    await eventually(() => sequences.size === 2, { timeoutMs: 30_000 });
    puller.stop();
    await pulling;
  });
});
