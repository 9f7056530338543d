import { timingSafeEqual } from "node:crypto";
import type { HeartbeatSecret } from "../projects/heartbeat-secret.ts";
import type { Project } from "../projects/project.ts";

export const BADGE_FORMATS = ["svg", "json", "shields"] as const;
export type BadgeFormat = (typeof BADGE_FORMATS)[number];

/** The tag that stands for all checks of a project. */
export const ALL_CHECKS = "*";

const KEY_LENGTH = 22;
const SIGNATURE_LENGTH = 8;
/** At the end of the signature of a badge that shows late checks as up. */
const TWO_STATES = "-2";

/** The key of a project's badges in their addresses. */
export function badgeKeyOf(project: Project, secret: HeartbeatSecret): string {
  return secret.sign("badges", project.id).slice(0, KEY_LENGTH);
}

export interface WantedBadge {
  readonly tag: string;
  readonly format: BadgeFormat;
  /** Whether late is a state of its own, and not up. */
  readonly showsLate: boolean;
}

/** The address of a badge under the server's own. */
export function badgePath(project: Project, { tag, format, showsLate }: WantedBadge, secret: HeartbeatSecret): string {
  const signature = `${signatureOf(project, tag, secret)}${showsLate ? "" : TWO_STATES}`;
  const name = tag === ALL_CHECKS ? "" : `/${encodeURIComponent(tag)}`;
  return `/badge/${badgeKeyOf(project, secret)}/${signature}${name}.${format}`;
}

/** What the signature of a tag's badge says; undefined where it is not that of the tag. */
export function badgeStatesOf(
  project: Project,
  tag: string,
  signature: string,
  secret: HeartbeatSecret,
): { readonly showsLate: boolean } | undefined {
  const showsLate = !signature.endsWith(TWO_STATES) || signature.length === SIGNATURE_LENGTH;
  const given = Buffer.from(showsLate ? signature : signature.slice(0, -TWO_STATES.length));
  const wanted = Buffer.from(signatureOf(project, tag, secret));
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? { showsLate } : undefined;
}

function signatureOf(project: Project, tag: string, secret: HeartbeatSecret): string {
  return secret.sign("badge", project.id, tag).slice(0, SIGNATURE_LENGTH);
}
