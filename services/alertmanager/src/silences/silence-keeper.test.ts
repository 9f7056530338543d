import { FakeClock } from "@monotreme/clock/testing";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import type { Alert } from "../alerts/alert.ts";
import { fingerprintOf } from "../alerts/fingerprint.ts";
import { createAlertmanagerMetrics } from "../metrics.ts";
import { acknowledge } from "./acknowledge.ts";
import { type Silence, silenceStateAt } from "./silence.ts";
import { SilenceFixture } from "./silence-fixture.ts";
import { SilenceKeeper } from "./silence-keeper.ts";
import type { SilenceStore } from "./silence-store.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A keeper on a clock that the test moves. */
class KeeperFixture {
  readonly alerts = new Map<string, Alert>();
  readonly announced: string[] = [];
  readonly clock: FakeClock;
  readonly #silences = new SilenceFixture();
  isActing = true;

  constructor() {
    this.clock = new FakeClock(this.#silences.nowMs);
  }

  async openStore(): Promise<SilenceStore> {
    return this.#silences.open({ now: () => this.clock.now() });
  }

  keep(silences: SilenceStore): SilenceKeeper {
    const { alerts, clock } = this;
    return new SilenceKeeper({
      silences,
      alerts,
      clock,
      logger: createSilentLogger(),
      metrics: createAlertmanagerMetrics(new Registry()).silences,
      isActing: () => this.isActing,
      noticeMs: HOUR_MS,
      onEndsSoon: (silence: Silence) => this.announced.push(silence.id),
    });
  }

  request = this.#silences.request.bind(this.#silences);

  fire(lengthMs: number, name = "A"): Alert {
    const labels = { alertname: name };
    const alert: Alert = {
      fingerprint: fingerprintOf(labels),
      labels,
      annotations: {},
      startsAtMs: this.clock.now(),
      endsAtMs: this.clock.now() + lengthMs,
      updatedAtMs: this.clock.now(),
      generatorUrl: "",
      isTimeout: false,
    };
    this.alerts.set(alert.fingerprint, alert);
    return alert;
  }
}

function acknowledgement(alert: Alert, nowMs: number) {
  return acknowledge(alert, { createdBy: "operator", comment: "", untilMs: nowMs + 24 * HOUR_MS }, nowMs);
}

describe("silence keeper", () => {
  test("silence keeper - an acknowledgement ends when its alert is resolved, not before", async () => {
    const fixture = new KeeperFixture();
    const store = await fixture.openStore();
    const keeper = fixture.keep(store);
    const alert = fixture.fire(20 * MINUTE_MS);
    fixture.fire(HOUR_MS, "B");
    const id = await store.set(acknowledgement(alert, fixture.clock.now()));
    await fixture.clock.advance(19 * MINUTE_MS);
    expect(store.silencedBy(alert.labels)).toEqual([id]);
    await fixture.clock.advance(MINUTE_MS + 5_000);
    expect(store.silencedBy(alert.labels)).toEqual([]);
    await keeper.close();
  });

  test("silence keeper - after a start alerts get time to come back", async () => {
    const fixture = new KeeperFixture();
    const store = await fixture.openStore();
    const alert = fixture.fire(MINUTE_MS);
    const id = await store.set(acknowledgement(alert, fixture.clock.now()));
    await fixture.clock.advance(HOUR_MS);
    const keeper = fixture.keep(store);
    await fixture.clock.advance(4 * MINUTE_MS);
    expect(store.silencedBy(alert.labels)).toEqual([id]);
    fixture.fire(MINUTE_MS);
    await fixture.clock.advance(5_000);
    expect(store.silencedBy(alert.labels)).toEqual([id]);
    await fixture.clock.advance(2 * MINUTE_MS);
    expect(store.silencedBy(alert.labels)).toEqual([]);
    await keeper.close();
  });

  test("silence keeper - only the replica that acts ends and announces", async () => {
    const fixture = new KeeperFixture();
    fixture.isActing = false;
    const store = await fixture.openStore();
    const keeper = fixture.keep(store);
    const alert = fixture.fire(MINUTE_MS);
    const id = await store.set(acknowledgement(alert, fixture.clock.now()));
    await fixture.clock.advance(HOUR_MS);
    expect(store.silencedBy(alert.labels)).toEqual([id]);
    await keeper.close();
  });

  test("silence keeper - the end of a long silence is announced once, and again when it was moved", async () => {
    const fixture = new KeeperFixture();
    const store = await fixture.openStore();
    const keeper = fixture.keep(store);
    const startMs = fixture.clock.now();
    const id = await store.set(fixture.request({ endsAtMs: startMs + 4 * HOUR_MS }));
    await store.set(fixture.request({ endsAtMs: startMs + HOUR_MS + MINUTE_MS }));
    await fixture.clock.advance(3 * HOUR_MS - MINUTE_MS);
    expect(fixture.announced).toEqual([]);
    await fixture.clock.advance(10 * MINUTE_MS);
    expect(fixture.announced).toEqual([id]);
    await store.set({ ...fixture.request({ startsAtMs: startMs, endsAtMs: startMs + 6 * HOUR_MS }), id });
    await fixture.clock.advance(2 * HOUR_MS);
    expect(fixture.announced).toEqual([id, id]);
    await keeper.close();
  });

  test("silence keeper - old silences are forgotten", async () => {
    const fixture = new KeeperFixture();
    const store = await fixture.openStore();
    const keeper = fixture.keep(store);
    const id = await store.set(fixture.request({ endsAtMs: fixture.clock.now() + HOUR_MS }));
    await fixture.clock.advance(HOUR_MS + 119 * HOUR_MS);
    expect(silenceStateAt(store.get(id) ?? fixture.request(), fixture.clock.now())).toBe("expired");
    await fixture.clock.advance(2 * HOUR_MS);
    expect(store.get(id)).toBeUndefined();
    await keeper.close();
  });
});
