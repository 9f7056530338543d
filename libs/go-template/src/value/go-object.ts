import type { GoFunction } from "./go-function.ts";
import type { GoValue, TemplateValue } from "./go-value.ts";

/** Methods by name; they are found before fields and keys. */
export type GoMethods = Readonly<Record<string, GoFunction>>;

/** What values with a named Go type share. */
interface NamedOptions {
  readonly methods?: GoMethods;
  /** Go's `String` method: what `%v`, `%s` and plain output print. */
  readonly toText?: (() => string) | undefined;
}

/** Options of a slice with a type or methods of its own. */
export interface GoSliceOptions extends NamedOptions {
  /** `[]string`, `template.Alerts`, … */
  readonly typeName: string;
  /** The type without its name, where that differs: a `template.Names` goes where `[]string` is wanted. */
  readonly underlying?: string;
}

/** A Go slice. The items may be plain values; they are read through `toGoValue`. */
export class GoSlice {
  readonly items: readonly TemplateValue[];
  readonly typeName: string;
  readonly underlying: string;
  readonly methods: GoMethods;
  readonly toText: (() => string) | undefined;

  constructor(items: readonly TemplateValue[], options: GoSliceOptions) {
    this.items = items;
    this.typeName = options.typeName;
    this.underlying = options.underlying ?? options.typeName;
    this.methods = options.methods ?? {};
    this.toText = options.toText;
  }
}

/** Options of a map with a type or methods of its own. */
export interface GoMapOptions extends NamedOptions {
  readonly typeName: string;
  readonly underlying?: string;
  /** The zero value of its elements: what a missing key is; null (a nil interface) unless given. */
  readonly zero?: GoValue;
}

/** A Go map with string keys; iterated and printed in the byte order of its keys. */
export class GoMap {
  readonly entries: ReadonlyMap<string, TemplateValue>;
  readonly typeName: string;
  readonly underlying: string;
  readonly zero: GoValue;
  readonly methods: GoMethods;
  readonly toText: (() => string) | undefined;

  constructor(entries: ReadonlyMap<string, TemplateValue>, options: GoMapOptions) {
    this.entries = entries;
    this.typeName = options.typeName;
    this.underlying = options.underlying ?? options.typeName;
    this.zero = options.zero === undefined ? null : options.zero;
    this.methods = options.methods ?? {};
    this.toText = options.toText;
  }
}

/** Options of a struct. */
export interface GoStructOptions extends NamedOptions {
  /** `template.Alert`, or `*template.Data` for a pointer. */
  readonly typeName?: string;
  /** Names of fields in JSON, where they differ. */
  readonly jsonNames?: Readonly<Record<string, string>>;
}

/** A Go struct, or a pointer to one. A field given as a function is computed when it is first read. */
export class GoStruct {
  readonly typeName: string;
  readonly methods: GoMethods;
  readonly toText: (() => string) | undefined;
  readonly fieldNames: readonly string[];
  readonly jsonNames: Readonly<Record<string, string>>;
  readonly #fields: Readonly<Record<string, TemplateValue | (() => TemplateValue)>>;
  readonly #computed = new Map<string, TemplateValue>();

  constructor(
    fields: Readonly<Record<string, TemplateValue | (() => TemplateValue)>>,
    methods: GoMethods,
    options: GoStructOptions,
  ) {
    this.#fields = fields;
    this.fieldNames = Object.keys(fields);
    this.methods = methods;
    this.typeName = options.typeName ?? "struct";
    this.jsonNames = options.jsonNames ?? {};
    this.toText = options.toText;
  }

  hasField(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  field(name: string): TemplateValue {
    const field = this.hasField(name) ? this.#fields[name] : undefined;
    if (typeof field !== "function") return field;
    if (!this.#computed.has(name)) this.#computed.set(name, field());
    return this.#computed.get(name);
  }
}

/** A value of a named type that is neither slice nor map and has methods: times, durations, months. */
export abstract class GoObject {
  abstract readonly typeName: string;
  /** The number of an integer type, undefined for a struct. */
  abstract readonly integer: bigint | undefined;
  abstract readonly methods: GoMethods;
  abstract toText(): string;
  /** Whether Go's `==` holds between the two. */
  abstract equals(other: GoObject): boolean;
}

/**
 * A Go struct for templates: fields by name (a function is computed at first use) and methods, which win over fields.
 * Give a `typeName` with a star where the original is a pointer, since error messages name it.
 */
export function goStruct(
  fields: Readonly<Record<string, TemplateValue | (() => TemplateValue)>>,
  methods: GoMethods = {},
  options: GoStructOptions = {},
): GoStruct {
  return new GoStruct(fields, methods, options);
}

/** A Go map with methods or a type of its own; `.Field` is a method where there is one, otherwise a key. */
export function goMap(
  entries: ReadonlyMap<string, TemplateValue> | Readonly<Record<string, TemplateValue>>,
  options: GoMapOptions,
): GoMap {
  return new GoMap(entries instanceof Map ? entries : new Map(Object.entries(entries)), options);
}

/** A Go slice with methods or a type of its own. */
export function goSlice(items: readonly TemplateValue[], options: GoSliceOptions): GoSlice {
  return new GoSlice(items, options);
}
