/** Whole seconds as Python's `isoformat` writes them in UTC. */
export function shownSecond(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "+00:00");
}

/** As Python's `isoformat` writes a time in UTC: six digits of the second's fraction, or none. */
export function shownMoment(ms: number): string {
  return ms % 1000 === 0 ? shownSecond(ms) : new Date(ms).toISOString().replace("Z", "000+00:00");
}
