const UNITS_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNIT_ORDER = ["y", "w", "d", "h", "m", "s", "ms"] as const;

/**
 * Milliseconds of a Prometheus duration such as `1h30m` (units in falling order, each once, whole numbers; `0` alone
 * is allowed), or undefined where the text is none.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  const match = text === "" ? null : DURATION.exec(text);
  if (match === null) return undefined;
  let totalMs = 0;
  for (const [i, unit] of UNIT_ORDER.entries()) {
    const digits = match[i + 1];
    if (digits !== undefined) totalMs += Number(digits) * (UNITS_MS[unit] as number);
  }
  return totalMs;
}

/** The shortest Prometheus duration of that many milliseconds, such as `1h30m`; years and weeks only where exact. */
export function formatDurationMs(durationMs: number): string {
  if (durationMs === 0) return "0s";
  let rest = Math.abs(durationMs);
  let text = durationMs < 0 ? "-" : "";
  for (const unit of UNIT_ORDER) {
    const size = UNITS_MS[unit] as number;
    if ((unit === "y" || unit === "w") && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) {
      text += `${count}${unit}`;
      rest -= count * size;
    }
  }
  return text;
}
