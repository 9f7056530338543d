import { createHash } from "node:crypto";

/** Who of several should take a key: all agree on it, and a member that comes or goes moves only its own keys. */
export function preferredMember(key: string, members: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestScore = "";
  for (const member of members) {
    const score = createHash("sha256")
      .update(JSON.stringify([key, member]))
      .digest("hex");
    if (best === undefined || score > bestScore) {
      best = member;
      bestScore = score;
    }
  }
  return best;
}
