/** What can stand in a webhook's address, headers and body, by name; `TAG1`, `TAG2`, … are the tags. */
export interface PlaceholderValues {
  readonly CODE: string;
  readonly STATUS: string;
  readonly NOW: string;
  readonly NAME: string;
  readonly NAME_JSON: string;
  readonly SLUG: string;
  readonly TAGS: string;
  readonly JSON: string;
  readonly BODY: string;
  readonly BODY_JSON: string;
  readonly EXITSTATUS: string;
  readonly tags: readonly string[];
}

/** Longer names first, for `$NAME` is the beginning of `$NAME_JSON`. */
const PLACEHOLDER = /\$(CODE|STATUS|NOW|NAME_JSON|NAME|SLUG|TAGS|TAG\d{1,3}|JSON|BODY_JSON|BODY|EXITSTATUS)/g;

/** Fills in the placeholders of Healthchecks' webhooks; what they stand for is not looked at again. */
export function fillPlaceholders(
  text: string,
  values: PlaceholderValues,
  escape: (value: string) => string = (value) => value,
): string {
  return text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = valueOf(name, values);
    return value === undefined ? whole : escape(value);
  });
}

function valueOf(name: string, values: PlaceholderValues): string | undefined {
  if (isField(name)) return values[name];
  // There is no tag of that number: the text stays as it is.
  return values.tags[Number(name.slice("TAG".length)) - 1];
}

const FIELDS = [
  "CODE",
  "STATUS",
  "NOW",
  "NAME",
  "NAME_JSON",
  "SLUG",
  "TAGS",
  "JSON",
  "BODY",
  "BODY_JSON",
  "EXITSTATUS",
] as const;

function isField(name: string): name is (typeof FIELDS)[number] {
  return FIELDS.some((field) => field === name);
}
