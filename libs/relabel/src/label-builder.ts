import { Labels } from "@monotreme/model";

/**
 * A label set under change. It walks its labels in the order in which Prometheus' builder does (the untouched ones by
 * name, then the changed ones by the time of their first change), which decides who wins when `labelmap` gives two
 * labels one name.
 */
export class LabelBuilder {
  readonly #base: Labels;
  readonly #values = new Map<string, string>();
  readonly #changed = new Set<string>();

  constructor(base: Labels) {
    this.#base = base;
    for (const [name, value] of base) this.#values.set(name, value);
  }

  get(name: string): string {
    return this.#values.get(name) ?? "";
  }

  /** Sets a label; an empty value removes it. */
  set(name: string, value: string): void {
    if (value === "") {
      this.delete(name);
      return;
    }
    // The first change moves a label behind the untouched ones.
    if (!this.#changed.has(name)) this.#values.delete(name);
    this.#changed.add(name);
    this.#values.set(name, value);
  }

  delete(name: string): void {
    this.#values.delete(name);
    this.#changed.add(name);
  }

  /** The labels of this moment, in the builder's order. */
  entries(): [string, string][] {
    return [...this.#values];
  }

  /** The resulting set; the very set it began with where nothing changed. */
  labels(): Labels {
    return this.#changed.size === 0 ? this.#base : Labels.fromEntries(this.#values);
  }
}
