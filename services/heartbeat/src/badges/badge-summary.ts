import type { ShownStatus } from "../checks/deadline.ts";
import type { BadgeFormat } from "./badge-address.ts";
import { badgeSvg } from "./badge-svg.ts";

export type BadgeStatus = "up" | "late" | "down";

/** What a badge says of some checks. */
export interface BadgeSummary {
  readonly status: BadgeStatus;
  readonly total: number;
  readonly grace: number;
  readonly down: number;
}

/** One that is down makes all of them down; checks that are new or paused count as up. */
export function summaryOf(
  statuses: readonly ShownStatus[],
  { showsLate }: { readonly showsLate: boolean },
): BadgeSummary {
  const down = statuses.filter((status) => status === "down").length;
  const grace = statuses.filter((status) => status === "grace").length;
  const withoutDown = grace > 0 && showsLate ? "late" : "up";
  return { status: down > 0 ? "down" : withoutDown, total: statuses.length, grace, down };
}

const SHIELDS_COLOURS: Readonly<Record<BadgeStatus, string>> = { up: "success", late: "important", down: "critical" };

/** A badge's content and what kind of text that is. */
export function renderBadge(
  label: string,
  summary: BadgeSummary,
  format: BadgeFormat,
): { readonly text: string; readonly contentType: string } {
  const contentType = "application/json";
  switch (format) {
    case "svg":
      return { text: badgeSvg(label, summary.status), contentType: "image/svg+xml" };
    case "json":
      return { text: JSON.stringify(summary), contentType };
    case "shields": {
      const { status } = summary;
      const shield = { schemaVersion: 1, label, message: status, color: SHIELDS_COLOURS[status] };
      return { text: JSON.stringify(shield), contentType };
    }
  }
}
