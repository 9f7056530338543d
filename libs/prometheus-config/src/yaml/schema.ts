import type { ConfigNode } from "./config-node.ts";

/** Whether a rendering shows `<secret>` or, for comparing two configurations only, the secrets themselves. */
export type RenderMode = "masked" | "revealed";

/** Reads one kind of YAML value and writes it back. */
export interface Schema<T> {
  /** The value, or undefined after reporting at least one fault at the node or inside it. */
  decode(node: ConfigNode): T | undefined;
  /** Plain data for a YAML or JSON writer. */
  render(value: T, mode: RenderMode): unknown;
}

/** One field of a mapping: its schema, and what holds where the file does not have it. */
export interface Field<T> {
  readonly schema: Schema<T>;
  /** Called where the field is absent or null; `parent` is the mapping, for faults. */
  absent(parent: ConfigNode, name: string): T | undefined;
  /** Whether renderings leave this value out. */
  isOmitted(value: T): boolean;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;
export type ValueOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** A field that may be missing. */
export function optional<T>(schema: Schema<T>): Field<T | undefined> {
  return {
    schema: {
      decode: (node) => schema.decode(node),
      render: (value, mode) => (value === undefined ? undefined : schema.render(value, mode)),
    },
    absent: () => undefined,
    isOmitted: isEmpty,
  };
}

/** A field that must be there. */
export function required<T>(schema: Schema<T>): Field<T> {
  return {
    schema,
    absent: (parent, name) => {
      parent.fault(`field ${name} is missing`);
      return undefined;
    },
    isOmitted: () => false,
  };
}

/** A field with a default; `0`, `false` and empty defaults stay out of renderings, as upstream leaves them out. */
export function withDefault<T>(schema: Schema<T>, fallback: T): Field<T> {
  const hidesEmpty = isEmpty(fallback);
  return { schema, absent: () => fallback, isOmitted: (value) => hidesEmpty && isEmpty(value) };
}

/** As {@link withDefault}, but always rendered. */
export function shownDefault<T>(schema: Schema<T>, fallback: T): Field<T> {
  return { schema, absent: () => fallback, isOmitted: () => false };
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === 0 || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? Object.keys(value).length === 0
    : false;
}

/** Finds the node of a field, or the mapping itself where the field is absent. */
export type NodeAt<F> = (field?: keyof F & string) => ConfigNode;

export interface MappingOptions<F extends Fields> {
  /** How faults name the mapping, such as `global`. */
  readonly name: string;
  readonly fields: F;
  /** Checks across fields, run only where each field is fine by itself. */
  readonly check?: (value: ValueOf<F>, at: NodeAt<F>) => void;
}

/** A mapping with known fields; an unknown one is a fault that lists those there are. */
export function mapping<F extends Fields>(options: MappingOptions<F>): Schema<ValueOf<F>> {
  const { name, fields, check } = options;
  const fieldOf = new Map<string, Field<unknown>>(Object.entries(fields));

  function decode(node: ConfigNode): ValueOf<F> | undefined {
    const entries = node.isNull ? [] : node.entries();
    if (entries === undefined) {
      node.fault(`expected a mapping for ${name}, found ${node.description}`);
      return undefined;
    }
    const faultsBefore = node.document.faultCount;
    const nodes = new Map<string, ConfigNode>();
    for (const entry of entries) {
      if (fieldOf.has(entry.name)) nodes.set(entry.name, entry.value);
      else
        entry.key.fault(`field ${entry.name} not found in ${name}; expected one of ${[...fieldOf.keys()].join(", ")}`);
    }
    const value: Record<string, unknown> = {};
    for (const [fieldName, field] of fieldOf) {
      const fieldNode = nodes.get(fieldName);
      const isAbsent = fieldNode === undefined || fieldNode.isNull;
      value[fieldName] = isAbsent ? field.absent(node, fieldName) : field.schema.decode(fieldNode);
    }
    if (node.document.faultCount > faultsBefore) return undefined;
    const decoded = value as ValueOf<F>;
    check?.(decoded, (fieldName) => (fieldName === undefined ? node : (nodes.get(fieldName) ?? node)));
    return node.document.faultCount > faultsBefore ? undefined : decoded;
  }

  function render(value: ValueOf<F>, mode: RenderMode): unknown {
    const rendered: Record<string, unknown> = {};
    const values = value as Readonly<Record<string, unknown>>;
    for (const [fieldName, field] of fieldOf) {
      const fieldValue = values[fieldName];
      if (fieldValue === undefined || field.isOmitted(fieldValue)) continue;
      rendered[fieldName] = field.schema.render(fieldValue, mode);
    }
    return rendered;
  }

  return { decode, render };
}

/** A list; an empty item is a fault. */
export function list<T>(item: Schema<T>, itemName: string): Schema<readonly T[]> {
  return {
    decode: (node) => {
      const items = node.items();
      if (items === undefined) {
        node.fault(`expected a list of ${itemName}, found ${node.description}`);
        return undefined;
      }
      const values: T[] = [];
      for (const itemNode of items) {
        if (itemNode.isNull) itemNode.fault(`empty item in a list of ${itemName}`);
        const value = itemNode.isNull ? undefined : item.decode(itemNode);
        if (value !== undefined) values.push(value);
      }
      return values.length === items.length ? values : undefined;
    },
    render: (values, mode) => values.map((value) => item.render(value, mode)),
  };
}

/** A mapping of free names to values of one kind; an empty value is handed to `whenNull`, if that is given. */
export function record<T>(item: Schema<T>, itemName: string, whenNull?: T): Schema<Readonly<Record<string, T>>> {
  return {
    decode: (node) => {
      const entries = node.entries();
      if (entries === undefined) {
        node.fault(`expected a mapping of names to ${itemName}, found ${node.description}`);
        return undefined;
      }
      const values = new Map<string, T>();
      for (const entry of entries) {
        const value = entry.value.isNull && whenNull !== undefined ? whenNull : item.decode(entry.value);
        if (value !== undefined) values.set(entry.name, value);
      }
      return values.size === entries.length ? Object.fromEntries(values) : undefined;
    },
    render: (values, mode) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, item.render(value, mode)])),
  };
}

/** A value together with its place, for checks that need more than its own section. */
export interface Located<T> {
  readonly value: T;
  readonly node: ConfigNode;
}

export function located<T>(schema: Schema<T>): Schema<Located<T>> {
  return {
    decode: (node) => {
      const value = schema.decode(node);
      return value === undefined ? undefined : { value, node };
    },
    render: (placed, mode) => schema.render(placed.value, mode),
  };
}
