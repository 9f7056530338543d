import { compareUtf8, Labels } from "@monotreme/model";

/** Turns the pairs of a stored map into labels; sorts them where they are not, and keeps one copy of equal texts. */
export class LabelsReader {
  readonly #texts = new Map<string, string>();

  read(pairs: readonly string[]): Labels {
    const interned = pairs.map((text) => this.#intern(text));
    for (let i = 2; i < pairs.length; i += 2) {
      if (compareUtf8(pairs[i - 2] ?? "", pairs[i] ?? "") >= 0) return Labels.fromEntries(entriesOf(interned));
    }
    return Labels.fromSortedPairs(interned);
  }

  #intern(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }
}

function entriesOf(pairs: readonly string[]): [string, string][] {
  const entries: [string, string][] = [];
  for (let i = 0; i < pairs.length; i += 2) entries.push([pairs[i] ?? "", pairs[i + 1] ?? ""]);
  return entries;
}
