import { AppError, messageOf } from "@monotreme/errors";
import { groupsSchema } from "../target-file.ts";
import type { TargetGroup } from "../target-group.ts";

/** A server's list of targets that cannot be used; what it said before stays in force. */
export class TargetListError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("TARGET_LIST_INVALID", "invalid", message, { cause });
  }
}

const SHOWN_FAULTS = 5;

const listSchema = groupsSchema.nullable();

/** Reads the JSON of a target list; each target is labelled with `__meta_url`, which is the URL as it may be shown. */
export function parseTargetList(url: string, body: Buffer): readonly TargetGroup[] {
  const parsed = listSchema.safeParse(parseJson(body));
  if (!parsed.success) {
    const faults = parsed.error.issues.slice(0, SHOWN_FAULTS);
    const shown = faults.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
    throw new TargetListError(`expected a list of {targets, labels}: ${shown.join("; ")}`);
  }
  return (parsed.data ?? []).map((group, index) => ({
    source: `${url}:${index}`,
    targets: (group.targets ?? []).map((address) => ({ __address__: address })),
    labels: { ...group.labels, __meta_url: url },
  }));
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new TargetListError(`the body is no JSON: ${messageOf(error).slice(0, 200)}`, error);
  }
}
