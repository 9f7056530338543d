/** One change of the bucket: a value, or undefined where the alert was removed. */
export interface AlertEntry {
  readonly fingerprint: string;
  readonly value: Uint8Array | undefined;
}

/** Where alerts are kept for all replicas and all restarts; one value a fingerprint. */
export interface AlertBucket {
  /** Resolves when everything that is there has been handed out, and goes on with every change until `close`. */
  follow(onEntry: (entry: AlertEntry) => void): Promise<void>;
  /** Resolves when it is durable. Rejects with a fault of kind `unavailable` where it may not be. */
  put(fingerprint: string, value: string): Promise<void>;
  remove(fingerprint: string): Promise<void>;
  close(): Promise<void>;
}
