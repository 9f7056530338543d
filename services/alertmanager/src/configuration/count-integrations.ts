import type { Receiver } from "@monotreme/alertmanager-config";

/** How many integrations the receivers have together. */
export function countIntegrations(receivers: readonly Receiver[]): number {
  let count = 0;
  for (const receiver of receivers) {
    for (const list of Object.values(receiver)) if (Array.isArray(list)) count += list.length;
  }
  return count;
}
