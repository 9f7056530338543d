import { Counter, Gauge, type Registry } from "@monotreme/telemetry";

export type HeartbeatMetrics = ReturnType<typeof createHeartbeatMetrics>;

const PING_TYPES = ["success", "fail", "start", "log", "ign"] as const;
const FLIP_REASONS = ["ping", "fail", "timeout", "person"] as const;
const HAND_OVERS = ["alerts", "events", "history", "channels"] as const;
const CHANNEL_KINDS = ["ntfy", "email", "webhook"] as const;
const NOTICE_RESULTS = ["sent", "failed", "given_up"] as const;
const HISTORY_TABLES = ["pings", "flips"] as const;

/** The instruments of the heartbeat service, born with all their labels. */
export function createHeartbeatMetrics(registry: Registry) {
  const registers = [registry];
  const pings = new Counter({
    name: "monotreme_heartbeat_pings_total",
    help: "Pings taken, by what they were taken for.",
    labelNames: ["type"],
    registers,
  });
  for (const type of PING_TYPES) pings.inc({ type }, 0);
  const flips = new Counter({
    name: "monotreme_heartbeat_flips_total",
    help: "Changes of a check's status, by why.",
    labelNames: ["reason"],
    registers,
  });
  for (const reason of FLIP_REASONS) flips.inc({ reason }, 0);
  const handOverFailures = new Counter({
    name: "monotreme_heartbeat_hand_over_failures_total",
    help: "Flips that could not be handed on and are tried again, by where to.",
    labelNames: ["to"],
    registers,
  });
  for (const to of HAND_OVERS) handOverFailures.inc({ to }, 0);
  const historyRows = new Counter({
    name: "monotreme_heartbeat_history_rows_total",
    help: "Rows written into ClickHouse, by table.",
    labelNames: ["table"],
    registers,
  });
  for (const table of HISTORY_TABLES) historyRows.inc({ table }, 0);
  const notices = new Counter({
    name: "monotreme_heartbeat_notices_total",
    help: "Notices to channels, by the channel's kind; failed ones are tried again unless they are given up.",
    labelNames: ["kind", "result"],
    registers,
  });
  for (const kind of CHANNEL_KINDS) for (const result of NOTICE_RESULTS) notices.inc({ kind, result }, 0);
  return {
    pings,
    notices,
    flips,
    handOverFailures,
    historyRows,
    historyFailures: new Counter({
      name: "monotreme_heartbeat_history_failures_total",
      help: "Batches of pings and flips that could not be written and are tried again.",
      registers,
    }),
    historyDeadLetters: new Counter({
      name: "monotreme_heartbeat_history_dead_letters_total",
      help: "Pings and flips that nobody can read, put into the dead letters.",
      registers,
    }),
    checks: new Gauge({ name: "monotreme_heartbeat_checks", help: "Checks that are watched.", registers }),
    refusedPings: new Counter({
      name: "monotreme_heartbeat_refused_pings_total",
      help: "Pings that were not taken, by the code of the answer.",
      labelNames: ["code"],
      registers,
    }),
    isFileGood: new Gauge({
      name: "monotreme_heartbeat_config_last_reload_successful",
      help: "Whether the last reading of the heartbeat file succeeded; 1 too where there is none.",
      registers,
    }),
    fileReadSeconds: new Gauge({
      name: "monotreme_heartbeat_config_last_reload_success_timestamp_seconds",
      help: "When the heartbeat file was last read without a fault.",
      registers,
    }),
    deadlinesArmed: new Counter({
      name: "monotreme_heartbeat_deadlines_armed_total",
      help: "Deadlines put into the queue.",
      registers,
    }),
    deadlinesRearmed: new Counter({
      name: "monotreme_heartbeat_deadlines_rearmed_total",
      help: "Times that all deadlines were put into the queue again because Redis had lost them, or at a start.",
      registers,
    }),
    deadlineFailures: new Counter({
      name: "monotreme_heartbeat_deadline_failures_total",
      help: "Deadlines that could not be put into the queue and are tried again.",
      registers,
    }),
  };
}
