/** Keys of the notification log's data. */
const SEQUENCES = "ntfy_sequences";
const SHOWN = "ntfy_shown";
const SUMMED = "ntfy_summed";

/** Fingerprints take 17 bytes each in the notification log. */
const MAX_SHOWN = 500;

/** What earlier deliveries of a group have found out and left on people's screens. */
export interface NtfyMemory {
  /** Undefined until a server has taken a message. */
  readonly hasSequences: boolean | undefined;
  /** Fingerprints of the alerts that have a message of their own; undefined where nothing is known. */
  readonly shown: ReadonlySet<string> | undefined;
  /** Those that stand in the message about the rest. */
  readonly summed: ReadonlySet<string>;
}

/** Reads what the notification log kept; anything unreadable counts as unknown. */
export function readMemory(data: Readonly<Record<string, string>>): NtfyMemory {
  const sequences = data[SEQUENCES];
  return {
    hasSequences: sequences === undefined ? undefined : sequences === "yes",
    shown: readFingerprints(data[SHOWN]),
    summed: readFingerprints(data[SUMMED]) ?? new Set(),
  };
}

/** What the notification log is to keep; at most 500 fingerprints of each kind. */
export function writeMemory({ hasSequences, shown, summed }: NtfyMemory): Record<string, string> {
  return {
    ...(hasSequences !== undefined && { [SEQUENCES]: hasSequences ? "yes" : "no" }),
    ...(shown !== undefined && { [SHOWN]: writeFingerprints(shown) }),
    ...(summed.size > 0 && { [SUMMED]: writeFingerprints(summed) }),
  };
}

function readFingerprints(text: string | undefined): Set<string> | undefined {
  return text === undefined ? undefined : new Set(text.split(",").filter((fingerprint) => fingerprint !== ""));
}

function writeFingerprints(fingerprints: ReadonlySet<string>): string {
  return [...fingerprints].slice(0, MAX_SHOWN).join(",");
}
