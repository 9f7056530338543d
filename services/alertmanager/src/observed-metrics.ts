import { Gauge, type Registry } from "@monotreme/telemetry";
import { SILENCE_STATES, type SilenceState } from "./silences/silence.ts";

export const ALERT_STATES = ["active", "suppressed", "unprocessed"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What is read when metrics are collected. */
export interface ObservedAlertmanager {
  silences(): Readonly<Record<SilenceState, number>>;
  /** Stored alerts that have not ended, by their state. */
  alerts(): Readonly<Record<AlertState, number>>;
  /** Replicas that live, this one included. */
  members(): number;
  /** This replica's place among them: 0 dispatches. */
  position(): number;
}

/** Instruments whose values are asked for at each scrape. */
export function observeAlertmanager(registry: Registry, state: ObservedAlertmanager): void {
  const registers = [registry];
  new Gauge({
    name: "alertmanager_silences",
    help: "Silences by state.",
    labelNames: ["state"],
    registers,
    collect() {
      const counts = state.silences();
      for (const name of SILENCE_STATES) this.set({ state: name }, counts[name]);
    },
  });
  const alerts = { labelNames: ["state"], registers };
  new Gauge({
    name: "alertmanager_alerts",
    help: "Alerts that have not ended, by state.",
    ...alerts,
    collect() {
      const counts = state.alerts();
      for (const name of ALERT_STATES) this.set({ state: name }, counts[name]);
    },
  });
  new Gauge({
    name: "alertmanager_marked_alerts",
    help: "Alerts that have not ended, by state; the older name.",
    ...alerts,
    collect() {
      const counts = state.alerts();
      for (const name of ALERT_STATES) this.set({ state: name }, counts[name]);
    },
  });
  observeCluster(registry, state);
}

/** The replicas share their state over NATS; what upstream says of its gossip is said of them. */
function observeCluster(registry: Registry, state: ObservedAlertmanager): void {
  const registers = [registry];
  new Gauge({
    name: "alertmanager_cluster_enabled",
    help: "1: replicas always share their state.",
    registers,
  }).set(1);
  new Gauge({
    name: "alertmanager_cluster_members",
    help: "Replicas that live, this one included.",
    registers,
    collect() {
      this.set(state.members());
    },
  });
  new Gauge({
    name: "alertmanager_peer_position",
    help: "Place of this replica; the one at 0 dispatches.",
    registers,
    collect() {
      this.set(state.position());
    },
  });
  new Gauge({
    name: "alertmanager_cluster_health_score",
    help: "0: healthy. Replicas do not gossip, so there is nothing to score.",
    registers,
  }).set(0);
  new Gauge({
    name: "alertmanager_cluster_failed_peers",
    help: "0: a replica that is gone is no member any more.",
    registers,
  }).set(0);
}
