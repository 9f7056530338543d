/** One change of the bucket, also of our own making; a revision grows with every change of any silence. */
export interface BucketEntry {
  readonly id: string;
  /** Undefined: the silence was removed. */
  readonly value: Uint8Array | undefined;
  readonly revision: number;
}

/** Where silences are kept; shared by all replicas. */
export interface SilenceBucket {
  /** Hands over everything that is kept, resolves, and goes on with every change until the bucket closes. */
  follow(onEntry: (entry: BucketEntry) => void): Promise<void>;
  /** Writes where the last revision is the one given (0: there is none); otherwise undefined, and nothing changed. */
  put(id: string, value: Uint8Array, lastRevision: number): Promise<number | undefined>;
  /** The value of now, from the bucket itself. */
  get(id: string): Promise<BucketEntry | undefined>;
  /** Removes it without a trace; whoever follows learns of it by its own clock. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}
