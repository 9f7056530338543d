/** The most recently added keys, so many at most. */
export class RecentKeys {
  readonly #maxKeys: number;
  readonly #keys = new Set<string>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.delete(key);
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= this.#maxKeys) return;
      this.#keys.delete(oldest);
    }
  }
}
