import { AppError, messageOf } from "@monotreme/errors";
import { parse } from "yaml";
import { z } from "zod";
import type { TargetGroup } from "./target-group.ts";

/** A file of targets that cannot be used as a whole; what it said before stays in force. */
export class TargetFileError extends AppError {
  constructor(message: string, cause?: unknown) {
    super("TARGET_FILE_INVALID", "invalid", message, { cause });
  }
}

/** The form that files and servers share. */
export const groupsSchema = z.array(
  z.strictObject({
    targets: z.array(z.string()).nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
  }),
);

/** Reads the groups of one file (`.json`, else YAML), each target labelled with `__meta_filepath`. */
export function parseTargetFile(path: string, text: string): readonly TargetGroup[] {
  const parsed = groupsSchema.safeParse(readData(path, text) ?? []);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`);
    throw new TargetFileError(`${path}: expected a list of {targets, labels}: ${faults.join("; ")}`);
  }
  return parsed.data.map((group, index) => ({
    source: `${path}:${index}`,
    targets: (group.targets ?? []).map((address) => ({ __address__: address })),
    labels: { ...group.labels, __meta_filepath: path },
  }));
}

function readData(path: string, text: string): unknown {
  try {
    // The failsafe schema keeps every scalar a text, as label values and addresses are.
    return /\.json$/i.test(path) ? JSON.parse(text) : parse(text, { schema: "failsafe", merge: true });
  } catch (error) {
    throw new TargetFileError(`${path}: ${messageOf(error)}`, error);
  }
}
