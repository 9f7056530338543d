/** Which objects' targets were made with the help of which others. */
export class DependencyIndex {
  readonly #dependentsOf = new Map<string, Set<string>>();
  readonly #sourcesOf = new Map<string, Set<string>>();

  /** Those whose targets may change with the source. */
  dependentsOf(source: string): Iterable<string> {
    return this.#dependentsOf.get(source) ?? [];
  }

  add(dependent: string, source: string): void {
    addTo(this.#sourcesOf, dependent, source);
    addTo(this.#dependentsOf, source, dependent);
  }

  /** Forgets what a dependent was made of; to be called before it is made again, and when it is gone. */
  clear(dependent: string): void {
    for (const source of this.#sourcesOf.get(dependent) ?? []) {
      const dependents = this.#dependentsOf.get(source);
      dependents?.delete(dependent);
      if (dependents?.size === 0) this.#dependentsOf.delete(source);
    }
    this.#sourcesOf.delete(dependent);
  }
}

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}
