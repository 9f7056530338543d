import {
  list,
  type Located,
  located,
  mapping,
  optional,
  record,
  type Schema,
  withDefault,
} from "@monotreme/prometheus-config";
import { ntfyOptions, type NtfyOptions } from "./ntfy-options.ts";

const several = list(located(ntfyOptions), "ntfy options");

/** The options of one receiver: one set for all of its ntfy entries, or a list with one for each. */
export type ReceiverOptions = Located<NtfyOptions> | readonly Located<NtfyOptions>[];

const receiverOptions: Schema<ReceiverOptions> = {
  decode: (node) => {
    if (node.items() !== undefined) return several.decode(node);
    const value = ntfyOptions.decode(node);
    return value && { value, node };
  },
  render: (value, mode) => ("node" in value ? ntfyOptions.render(value.value, mode) : several.render(value, mode)),
};

/** The ntfy side file: options of all ntfy entries, and by receiver. */
export const ntfyFileSection = mapping({
  name: "the ntfy file",
  fields: {
    defaults: optional(ntfyOptions),
    receivers: withDefault(record(receiverOptions, "ntfy options"), {}),
  },
});

/** The side file as it was read. */
export type NtfyFile = NonNullable<ReturnType<typeof ntfyFileSection.decode>>;
