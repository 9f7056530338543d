/** Which integration of which receiver is told of which group: one entry of the log each. */
export interface LogKey {
  readonly groupKey: string;
  readonly receiver: string;
  readonly integration: string;
  readonly integrationIndex: number;
}

/** Somebody is sending right now, or died while doing so. */
export interface SendingMark {
  readonly flushMs: number;
  /** Id of the process. */
  readonly holder: string;
}

/** What an integration was last told of a group. */
export interface LogState {
  /** When it was told. */
  readonly sentAtMs: number;
  /** The flush that this was; flushes up to it are done. */
  readonly flushMs: number;
  /** Fingerprints of what was firing and resolved then. */
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  /** Told to be firing and never told to be resolved: more than `firing` where alerts were held back since. */
  readonly open: ReadonlySet<string>;
  /** What the integration left for its next message. */
  readonly receiverData: Readonly<Record<string, string>>;
}

export interface LogEntry {
  readonly key: LogKey;
  /** Undefined before the first message. */
  readonly state: LogState | undefined;
  readonly sending: SendingMark | undefined;
  /** After that nobody needs it. */
  readonly expiresAtMs: number;
}

export interface VersionedLogEntry extends LogEntry {
  readonly revision: number;
}

/**
 * What was sent, shared by all replicas. Reads come from memory, which follows the bucket; writes are by
 * compare-and-set, so that of two who want to send one wins.
 */
export interface NotificationLog {
  /** As far as this process knows; an entry that has expired is not there. */
  get(id: string): VersionedLogEntry | undefined;
  /** From the bucket itself, for after a write was refused. */
  refresh(id: string): Promise<VersionedLogEntry | undefined>;
  /** Writes over `revision` (0: nothing is there). Undefined where someone else was faster. Rejects where unknown. */
  write(id: string, entry: LogEntry, revision: number): Promise<VersionedLogEntry | undefined>;
  /** Called for every change, whoever made it. */
  subscribe(onChange: (id: string, entry: VersionedLogEntry) => void): () => void;
}
