import { createHmac, timingSafeEqual } from "node:crypto";
import type { Project } from "../projects/project.ts";

export const BADGE_FORMATS = ["svg", "json", "shields"] as const;
export type BadgeFormat = (typeof BADGE_FORMATS)[number];

/** The tag that stands for all checks of a project. */
export const ALL_CHECKS = "*";

const SIGNATURE_LENGTH = 8;
/** At the end of the signature of a badge that shows late checks as up. */
const TWO_STATES = "-2";

/** The address of a badge under the server's own. */
export function badgePath(project: Project, tag: string, format: BadgeFormat, showsLate: boolean): string {
  const signature = `${signatureOf(project, tag)}${showsLate ? "" : TWO_STATES}`;
  const name = tag === ALL_CHECKS ? "" : `/${encodeURIComponent(tag)}`;
  return `/badge/${project.badgeKey}/${signature}${name}.${format}`;
}

/** Whether the signature is that of the tag; undefined where it is not. */
export function badgeStatesOf(
  project: Project,
  tag: string,
  signature: string,
): { readonly showsLate: boolean } | undefined {
  const showsLate = !signature.endsWith(TWO_STATES) || signature.length === SIGNATURE_LENGTH;
  const given = Buffer.from(showsLate ? signature : signature.slice(0, -TWO_STATES.length));
  const wanted = Buffer.from(signatureOf(project, tag));
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? { showsLate } : undefined;
}

function signatureOf({ badgeSecret }: Project, tag: string): string {
  return createHmac("sha256", badgeSecret).update(tag).digest("base64url").slice(0, SIGNATURE_LENGTH);
}
