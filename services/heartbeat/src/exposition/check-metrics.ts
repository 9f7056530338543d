import type { CheckDefinition } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import { deadlineMs, type ShownStatus, shownStatus } from "../checks/deadline.ts";
import { uniqueKeyOf } from "../checks/unique-key.ts";

interface Shown {
  readonly check: LoadedCheck;
  readonly labels: string;
  readonly status: ShownStatus;
}

/**
 * The checks of a project in Prometheus' text format: the families of Healthchecks under their names and with their
 * labels, and what they lack under names of our own. States are those of this moment.
 */
export function renderCheckMetrics(checks: readonly LoadedCheck[], nowMs: number): string {
  const shown: readonly Shown[] = checks.map((check) => ({
    check,
    labels: labelsOf(check),
    status: shownStatus(check.state, check.timing, nowMs),
  }));
  return [...stateFamilies(shown), ...timeFamilies(shown)].join("\n");
}

/** What Healthchecks has. */
function stateFamilies(shown: readonly Shown[]): readonly string[] {
  const flags = (name: string, help: string, is: (one: Shown) => boolean): string =>
    checkFamily(name, help, shown, (one) => (is(one) ? 1 : 0));
  return [
    flags(
      "hc_check_up",
      "Whether the check is not down: late, new and paused count as up.",
      ({ status }) => status !== "down",
    ),
    flags("hc_check_started", "Whether a run is going on.", ({ check }) => check.state.lastStartMs !== undefined),
    flags("hc_check_grace", "Whether the check is late, and not yet down.", ({ status }) => status === "grace"),
    flags("hc_check_paused", "Whether the check is paused.", ({ status }) => status === "paused"),
    tagFamily(shown),
    family("hc_checks_total", "How many checks there are.", [`hc_checks_total ${shown.length}`]),
    family("hc_checks_down_total", "How many checks are down.", [
      `hc_checks_down_total ${shown.filter(({ status }) => status === "down").length}`,
    ]),
  ];
}

/** What it lacks. */
function timeFamilies(shown: readonly Shown[]): readonly string[] {
  const values = (name: string, help: string, valueOf: (check: LoadedCheck) => number | undefined): string =>
    checkFamily(name, help, shown, ({ check }) => valueOf(check));
  return [
    values("monotreme_check_last_duration_seconds", "How long the last run took, where its start is known.", (check) =>
      seconds(check.state.lastDurationMs),
    ),
    values(
      "monotreme_check_last_ping_timestamp_seconds",
      "When the last ping came that said success or failure.",
      (check) => seconds(check.state.lastPingMs),
    ),
    values(
      "monotreme_check_deadline_timestamp_seconds",
      "When the check goes down unless it is pinged, grace time included.",
      (check) => seconds(deadlineMs(check.state, check.timing)),
    ),
    values("monotreme_check_pings_total", "How many pings came.", (check) => check.state.pingCount),
  ];
}

function checkFamily(
  name: string,
  help: string,
  shown: readonly Shown[],
  valueOf: (one: Shown) => number | undefined,
): string {
  const lines: string[] = [];
  for (const one of shown) {
    const value = valueOf(one);
    if (value !== undefined) lines.push(`${name}${one.labels} ${value}`);
  }
  return family(name, help, lines);
}

function family(name: string, help: string, lines: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${typeOf(name)}`, ...lines, ""].join("\n");
}

/** Healthchecks has gauges only, whatever they are called. */
function typeOf(name: string): string {
  return name.startsWith("monotreme_") && name.endsWith("_total") ? "counter" : "gauge";
}

/** A tag is up when all of its checks are. */
function tagFamily(shown: readonly Shown[]): string {
  const isUp = new Map<string, boolean>();
  for (const { check, status } of shown) {
    for (const tag of check.definition.tags) isUp.set(tag, (isUp.get(tag) ?? true) && status !== "down");
  }
  const lines = [...isUp.keys()]
    .toSorted()
    .map((tag) => `hc_tag_up{tag="${escapeLabel(tag)}"} ${isUp.get(tag) === true ? 1 : 0}`);
  return family("hc_tag_up", "Whether no check of the tag is down.", lines);
}

/** Pings leave a definition as it is, so most scrapes find the labels of most checks here. */
const knownLabels = new WeakMap<CheckDefinition, string>();

function labelsOf({ definition }: LoadedCheck): string {
  const known = knownLabels.get(definition);
  if (known !== undefined) return known;
  const { name, tags, id } = definition;
  const labels = `{name="${escapeLabel(name)}", tags="${escapeLabel(tags.join(" "))}", unique_key="${uniqueKeyOf(id)}"}`;
  knownLabels.set(definition, labels);
  return labels;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
