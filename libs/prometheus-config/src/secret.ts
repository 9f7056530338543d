import { inspect } from "node:util";

/** What stands in every dump in place of a secret, as upstream writes it. */
export const SECRET_MASK = "<secret>";

/** A value that must reach its use but no dump: text, JSON and inspection of it all give `<secret>`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; only for the code that authenticates with it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SECRET_MASK;
  }

  toJSON(): string {
    return SECRET_MASK;
  }

  [inspect.custom](): string {
    return SECRET_MASK;
  }
}
