/** The part of `/etc/resolv.conf` that decides which names are tried. */
export interface SearchSettings {
  readonly search: readonly string[];
  readonly ndots: number;
}

const MAX_NDOTS = 15;

/** Reads `search`, `domain` (the later of the two wins) and `options ndots:n`; everything else is passed over. */
export function parseSearchSettings(text: string): SearchSettings {
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [word, ...rest] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (word === "search") search = rest;
    else if (word === "domain") search = rest.slice(0, 1);
    else if (word === "options") {
      for (const option of rest) {
        const value = /^ndots:(\d{1,4})$/.exec(option)?.[1];
        if (value !== undefined) ndots = Math.min(MAX_NDOTS, Number(value));
      }
    }
  }
  return { search: search.map((domain) => domain.replace(/\.+$/, "")).filter((domain) => domain !== ""), ndots };
}

/** The names to look up for one of the configuration, in order, without final dots. */
export function candidateNames(name: string, { search, ndots }: SearchSettings): readonly string[] {
  if (name.endsWith(".")) return [name.replace(/\.+$/, "")];
  const extended = search.map((domain) => `${name}.${domain}`);
  const isFull = name.split(".").length - 1 >= ndots;
  return isFull ? [name, ...extended] : [...extended, name];
}
