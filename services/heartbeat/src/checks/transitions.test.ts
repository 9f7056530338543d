import { CronSchedule, TimeZone } from "@monotreme/schedule";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CheckState, type Flip, NEW_CHECK } from "./check.ts";
import { type CheckTiming, deadlineMs, isStarted, shownStatus } from "./deadline.ts";
import { applyPing, expire, pause, type PingAction, resume, type Transition } from "./transitions.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** An hour's period, ten minutes of grace. */
const HOURLY: CheckTiming = { schedule: HOUR, graceMs: 10 * MINUTE };
const FREE = { manualResume: false };

/** `<minute> <what> [run id]`: what happens to a check, in order. */
type Step = string;

interface Outcome {
  readonly state: CheckState;
  readonly flips: readonly Flip[];
}

function run(steps: readonly Step[], timing: CheckTiming = HOURLY, options = FREE): Outcome {
  let state: CheckState = NEW_CHECK;
  const flips: Flip[] = [];
  for (const step of steps) {
    const [minute, what = "", runId] = step.split(" ");
    const next = take(state, what, Number(minute) * MINUTE, runId, timing, options);
    state = next.state;
    flips.push(...next.flips);
  }
  return { state, flips };
}

function take(
  state: CheckState,
  what: string,
  atMs: number,
  runId: string | undefined,
  timing: CheckTiming,
  options: typeof FREE,
): Transition {
  switch (what) {
    case "pause":
      return pause(state, atMs);
    case "resume":
      return resume(state, atMs) ?? { state, flips: [] };
    case "timer":
      return expire(state, timing, atMs);
    default:
      return applyPing(state, timing, { action: what as PingAction, atMs, runId }, options);
  }
}

/** `<minute> <from>><to> [reason]`, with a star where somebody is told. */
function described(flips: readonly Flip[]): string[] {
  return flips.map(({ atMs, from, to, reason, isNotified }) =>
    `${atMs / MINUTE} ${from}>${to}${isNotified ? "*" : ""} ${reason}`.trim(),
  );
}

test.each<[steps: readonly Step[], flips: readonly string[], status: string]>([
  [["0 success"], ["0 new>up"], "up"],
  [["0 fail"], ["0 new>down* fail"], "down"],
  [["0 start"], [], "new"],
  [["0 log", "1 ign"], [], "new"],
  [["0 success", "1 success"], ["0 new>up"], "up"],
  [["0 success", "1 fail", "2 fail"], ["0 new>up", "1 up>down* fail"], "down"],
  [["0 success", "1 fail", "2 success"], ["0 new>up", "1 up>down* fail", "2 down>up*"], "up"],
  [["0 success", "69 timer"], ["0 new>up"], "up"],
  [["0 success", "70 timer"], ["0 new>up", "70 up>down* timeout"], "down"],
  [["0 success", "75 timer", "76 timer"], ["0 new>up", "70 up>down* timeout"], "down"],
  [["0 success", "75 success"], ["0 new>up", "70 up>down* timeout", "75 down>up*"], "up"],
  [["0 success", "75 fail"], ["0 new>up", "70 up>down* timeout"], "down"],
  [["0 success", "75 log"], ["0 new>up", "70 up>down* timeout"], "down"],
  [["0 start", "10 timer"], ["10 new>down* timeout"], "down"],
  [["0 success", "5 start", "15 timer"], ["0 new>up", "15 up>down* timeout"], "down"],
  [["0 fail", "5 start", "15 timer"], ["0 new>down* fail"], "down"],
  [["0 success", "58 start", "69 success"], ["0 new>up", "68 up>down* timeout", "69 down>up*"], "up"],
  [["0 success", "5 pause", "90 timer"], ["0 new>up", "5 up>paused"], "paused"],
  [["0 success", "5 pause", "6 pause"], ["0 new>up", "5 up>paused"], "paused"],
  [["0 fail", "5 pause", "6 success"], ["0 new>down* fail", "5 down>paused", "6 paused>up"], "up"],
  [["0 success", "5 pause", "6 fail"], ["0 new>up", "5 up>paused", "6 paused>down* fail"], "down"],
  [["0 success", "5 pause", "6 start", "16 timer"], ["0 new>up", "5 up>paused", "16 paused>down* timeout"], "down"],
  [["0 success", "5 pause", "6 resume", "99 timer"], ["0 new>up", "5 up>paused", "6 paused>new"], "new"],
  [["0 success", "5 resume"], ["0 new>up"], "up"],
])("transitions - %j flips %j", (steps, flips, status) => {
  const outcome = run(steps);
  expect(described(outcome.flips)).toEqual(flips);
  expect(outcome.state.status).toBe(status);
});

test("transitions - with manual resume a pause lasts until a person ends it", () => {
  const { state, flips } = run(["0 success", "5 pause", "6 success", "7 fail", "8 start", "9 log"], HOURLY, {
    manualResume: true,
  });
  expect(described(flips)).toEqual(["0 new>up", "5 up>paused"]);
  expect([state.status, state.lastStartMs, state.pingCount]).toEqual(["paused", undefined, 5]);
});

test.each<[steps: readonly Step[], durationMinutes: number | undefined, isOpen: boolean]>([
  [["0 start", "3 success"], 3, false],
  [["0 start", "3 fail"], 3, false],
  [["0 start a", "3 success a"], 3, false],
  [["0 start a", "3 success b"], undefined, true],
  [["0 start a", "3 success"], undefined, false],
  [["0 start a", "3 fail b"], undefined, false],
  [["0 start", "3 success b"], undefined, true],
  [["0 start a", "1 start b", "3 success a"], undefined, true],
  [["0 start a", "1 start b", "3 success b"], 2, false],
  [["0 start", "3 log", "4 ign"], undefined, true],
  [["0 start", "3 pause"], undefined, false],
  [["0 start", "4321 success"], undefined, false],
  [["5 start", "3 success"], undefined, false],
])("transitions - %j takes %s minutes, still running: %s", (steps, minutes, isOpen) => {
  const { state } = run(steps, { ...HOURLY, graceMs: 100_000 * MINUTE });
  expect(state.lastDurationMs).toBe(minutes === undefined ? undefined : minutes * MINUTE);
  expect(state.lastStartMs !== undefined).toBe(isOpen);
});

test.each<[steps: readonly Step[], minute: number, status: string, started: boolean, deadline: number | undefined]>([
  [[], 5, "new", false, undefined],
  [["0 success"], 59, "up", false, 70],
  [["0 success"], 60, "grace", false, 70],
  [["0 success"], 70, "down", false, 70],
  [["0 success", "5 start"], 14, "up", true, 15],
  [["0 success", "5 start"], 15, "down", false, 15],
  [["0 success", "65 start"], 66, "grace", true, 70],
  [["0 start"], 5, "new", true, 10],
  [["0 start"], 10, "down", false, 10],
  [["0 fail"], 5, "down", false, undefined],
  [["0 fail", "1 start"], 5, "down", true, undefined],
  [["0 success", "1 pause"], 500, "paused", false, undefined],
])(
  "deadline - after %j at minute %d it is %s, started: %s, deadline: %s",
  (steps, minute, status, started, deadline) => {
    const { state } = run(steps);
    expect(shownStatus(state, HOURLY, minute * MINUTE)).toBe(status);
    expect(isStarted(state, HOURLY, minute * MINUTE)).toBe(started);
    expect(deadlineMs(state, HOURLY)).toBe(deadline === undefined ? undefined : deadline * MINUTE);
  },
);

test.each<[zone: string, expression: string, lastPing: string, deadline: string]>([
  ["Europe/Berlin", "30 2 * * *", "2026-03-28T01:30:10Z", "2026-03-29T01:10:00Z"],
  ["Europe/Berlin", "30 2 * * *", "2026-10-25T00:31:00Z", "2026-10-26T01:40:00Z"],
  ["America/New_York", "0 * * * *", "2026-11-01T05:00:20Z", "2026-11-01T06:10:00Z"],
  ["Australia/Lord_Howe", "45 1 * * *", "2026-04-03T14:46:00Z", "2026-04-04T14:55:00Z"],
])("deadline - cron in %s: '%s' after %s is due by %s", (zone, expression, lastPing, deadline) => {
  const timing = { schedule: { dates: new CronSchedule(expression), zone: new TimeZone(zone) }, graceMs: 10 * MINUTE };
  const state = { ...NEW_CHECK, status: "up", lastPingMs: Date.parse(lastPing) } as const;
  expect(new Date(deadlineMs(state, timing) ?? 0).toISOString()).toBe(deadline.replace("Z", ".000Z"));
});

test("deadline - an early ping counts for the slot before it", () => {
  const timing = { schedule: { dates: new CronSchedule("0 12 * * *"), zone: new TimeZone("UTC") }, graceMs: MINUTE };
  const state = { ...NEW_CHECK, status: "up", lastPingMs: Date.parse("2026-01-01T11:59:00Z") } as const;
  expect(deadlineMs(state, timing)).toBe(Date.parse("2026-01-01T12:01:00Z"));
});

test("transitions - when the timer looks, and how often, changes nothing but when it is noticed", () => {
  const actions = fc.constantFrom<PingAction>("success", "fail", "start", "log", "ign");
  const ping = fc.record({
    action: actions,
    waitMs: fc.integer({ min: 0, max: 2 * HOUR }),
    runId: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
  });
  fc.assert(
    fc.property(
      fc.array(ping, { maxLength: 30 }),
      fc.array(fc.nat({ max: 2 * HOUR }), { maxLength: 30 }),
      (pings, looks) => {
        const outcome = (withTimer: boolean): Outcome => {
          let state: CheckState = NEW_CHECK;
          const flips: Flip[] = [];
          let atMs = 0;
          for (const [i, { action, waitMs, runId }] of pings.entries()) {
            const lookMs = atMs + Math.min(looks[i] ?? 0, waitMs);
            atMs += waitMs;
            const looked = withTimer ? expire(state, HOURLY, lookMs) : { state, flips: [] };
            const pinged = applyPing(looked.state, HOURLY, { action, atMs, runId }, FREE);
            flips.push(...looked.flips, ...pinged.flips);
            state = pinged.state;
          }
          return { state, flips };
        };
        expect(outcome(true)).toEqual(outcome(false));
      },
    ),
  );
});
