/** Kinds of integers other than `int`, which is a bigint. */
export type IntegerKind = "int8" | "int16" | "int32" | "int64" | "uint" | "uint8" | "uint16" | "uint32" | "uint64";

/** An integer of a type other than `int`, such as a byte of a string or the result of `Unix`. */
export class GoInteger {
  readonly kind: IntegerKind;
  readonly value: bigint;

  constructor(kind: IntegerKind, value: bigint) {
    this.kind = kind;
    this.value = value;
  }
}

/** What a piece of text is known to be safe as; `html/template` then leaves it as it is there. */
export type SafeKind = "html" | "attribute" | "css" | "js" | "js-string" | "url" | "srcset";

const TYPE_NAMES: Readonly<Record<SafeKind, string>> = {
  html: "template.HTML",
  attribute: "template.HTMLAttr",
  css: "template.CSS",
  js: "template.JS",
  "js-string": "template.JSStr",
  url: "template.URL",
  srcset: "template.Srcset",
};

/** A string that needs no escaping in its own context (`template.HTML` and its like); elsewhere it is a string. */
export class SafeContent {
  readonly safeKind: SafeKind;
  readonly text: string;

  constructor(safeKind: SafeKind, text: string) {
    this.safeKind = safeKind;
    this.text = text;
  }

  get typeName(): string {
    return TYPE_NAMES[this.safeKind];
  }
}
