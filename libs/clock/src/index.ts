export { Breather } from "./breather.ts";
export { type CancelTimer, type Clock, MAX_TIMER_MS, PRECISE_SYSTEM_CLOCK, SYSTEM_CLOCK } from "./clock.ts";
export { sleep } from "./sleep.ts";
