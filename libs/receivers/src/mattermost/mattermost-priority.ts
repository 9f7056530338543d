import type { MattermostPriority } from "@monotreme/alertmanager-config";

import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import type { MessageExpander } from "../templates/message-expander.ts";

const PRIORITIES = ["urgent", "important", "standard"];

/**
 * The priority as Mattermost takes it: an unknown one is standard, an acknowledgement goes with more than standard
 * only, repeats with urgent only. Undefined where none is wanted.
 */
export function composePriority(
  config: MattermostPriority | undefined,
  expander: MessageExpander,
): GoJsonValue | undefined {
  if (config === undefined || config.priority === "") return undefined;
  const wanted = expander.value("priority", config.priority).trim().toLowerCase();
  const priority = PRIORITIES.includes(wanted) ? wanted : "standard";
  return {
    priority,
    requested_ack: orOmitted(config.requestedAck && priority !== "standard"),
    persistent_notifications: orOmitted(config.persistentNotifications && priority === "urgent"),
  };
}
