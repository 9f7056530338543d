import { Labels } from "@monotreme/model";

/**
 * A label set under change; it copies nothing before the first change. It walks its labels in the order in which
 * Prometheus' builder does (the untouched ones by name, then the changed ones by the time of their first change), which
 * decides who wins when `labelmap` gives two labels one name.
 */
export class LabelBuilder {
  readonly #base: Labels;
  /** Untouched labels, then changed ones; undefined before the first change. */
  #values: Map<string, string> | undefined;
  readonly #changed = new Set<string>();

  constructor(base: Labels) {
    this.#base = base;
  }

  get(name: string): string {
    return this.#values === undefined ? this.#base.get(name) : (this.#values.get(name) ?? "");
  }

  /** Sets a label; an empty value removes it. */
  set(name: string, value: string): void {
    if (value === "") {
      this.delete(name);
      return;
    }
    const values = this.#writable();
    // The first change moves a label behind the untouched ones.
    if (!this.#changed.has(name)) values.delete(name);
    this.#changed.add(name);
    values.set(name, value);
  }

  delete(name: string): void {
    if (this.get(name) === "") return;
    this.#writable().delete(name);
    this.#changed.add(name);
  }

  /** The labels of this moment, in the builder's order. */
  entries(): [string, string][] {
    return [...(this.#values ?? this.#base)];
  }

  /** The resulting set; the very set it began with where nothing changed. */
  labels(): Labels {
    return this.#values === undefined ? this.#base : Labels.fromEntries(this.#values);
  }

  #writable(): Map<string, string> {
    this.#values ??= new Map(this.#base);
    return this.#values;
  }
}
