import type { Project } from "../projects/project.ts";
import { ApiFault } from "./api-fault.ts";

/** The names of the channels that a request lists: all (`*`), none, or by UUID or name between commas. */
export function channelNamesOf(text: string, { channels }: Project): readonly string[] {
  if (text === "*") return channels.map(({ name }) => name);
  const names = new Set<string>();
  for (const identifier of text.split(",").map((part) => part.trim())) {
    if (identifier === "") continue;
    const channel = channels.find(({ id, name }) => id === identifier || name === identifier);
    if (channel === undefined) throw new ApiFault(400, `invalid channel identifier: ${identifier}`);
    names.add(channel.name);
  }
  return [...names];
}
