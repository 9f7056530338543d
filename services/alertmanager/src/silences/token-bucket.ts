/** Where tokens are kept for all replicas. */
export interface TokenBucket {
  put(key: string, value: string): Promise<void>;
  /** Removes a value and resolves to it; of several who take one at the same time one gets it. */
  take(key: string): Promise<string | undefined>;
}
