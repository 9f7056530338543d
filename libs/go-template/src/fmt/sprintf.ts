import type { GoValue } from "../value/go-value.ts";
import { integerOf, typeNameOf } from "../value/kind.ts";
import { type FormatFlags, PLAIN_FLAGS } from "./flags.ts";
import { type LengthCheck, ValuePrinter } from "./value-printer.ts";

const MAX_NUMBER = 1_000_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads one format and prints its arguments. */
class FormatReader {
  readonly #format: string;
  readonly #args: readonly GoValue[];
  readonly #printer: ValuePrinter;
  #at = 0;
  #argument = 0;
  #isReordered = false;
  #isGoodArgument = true;
  #isAfterIndex = false;

  constructor(format: string, args: readonly GoValue[], printer: ValuePrinter) {
    this.#format = format;
    this.#args = args;
    this.#printer = printer;
  }

  run(): void {
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf("%", this.#at);
      const end = percent < 0 ? this.#format.length : percent;
      this.#printer.write(this.#format.slice(this.#at, end));
      this.#at = end + 1;
      if (percent >= 0 && !this.#verb()) break;
    }
    if (!this.#isReordered && this.#argument < this.#args.length) this.#extra();
  }

  #extra(): void {
    this.#printer.write("%!(EXTRA ");
    for (const [i, arg] of this.#args.slice(this.#argument).entries()) {
      if (i > 0) this.#printer.write(", ");
      if (arg === undefined || arg === null) this.#printer.write("<nil>");
      else {
        this.#printer.write(`${typeNameOf(arg)}=`);
        this.#printer.argument(arg, "v", PLAIN_FLAGS);
      }
    }
    this.#printer.write(")");
  }

  /** Reads and prints one verb; false at the end of the format. */
  #verb(): boolean {
    const flags: Mutable<FormatFlags> = { ...PLAIN_FLAGS };
    this.#isGoodArgument = true;
    this.#isAfterIndex = false;
    this.#flags(flags);
    this.#index();
    this.#width(flags);
    this.#precision(flags);
    if (!this.#isAfterIndex) this.#index();
    const point = this.#format.codePointAt(this.#at);
    if (point === undefined) {
      this.#printer.write("%!(NOVERB)");
      return false;
    }
    const verb = String.fromCodePoint(point);
    this.#at += verb.length;
    this.#print(verb, flags);
    return true;
  }

  #print(verb: string, flags: Mutable<FormatFlags>): void {
    if (verb === "%") return this.#printer.write("%");
    if (!this.#isGoodArgument) return this.#printer.write(`%!${verb}(BADINDEX)`);
    if (this.#argument >= this.#args.length) return this.#printer.write(`%!${verb}(MISSING)`);
    if (verb === "v") {
      flags.sharpV = flags.sharp;
      flags.plusV = flags.plus;
      flags.sharp = false;
      flags.plus = false;
    }
    this.#printer.argument(this.#args[this.#argument], verb, flags);
    this.#argument++;
  }

  #flags(flags: Mutable<FormatFlags>): void {
    for (; ; this.#at++) {
      const char = this.#format[this.#at];
      if (char === "#") flags.sharp = true;
      else if (char === "0") flags.zero = true;
      else if (char === "+") flags.plus = true;
      else if (char === "-") flags.minus = true;
      else if (char === " ") flags.space = true;
      else return;
    }
  }

  /** An explicit argument number such as `[2]`. */
  #index(): void {
    if (this.#format[this.#at] !== "[") {
      this.#isAfterIndex = false;
      return;
    }
    this.#isReordered = true;
    const close = this.#format.indexOf("]", this.#at + 1);
    if (close < 0) {
      this.#isGoodArgument = false;
      this.#isAfterIndex = false;
      this.#at += 1;
      return;
    }
    const digits = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const isNumber = /^[0-9]+$/.test(digits) && Number(digits) <= MAX_NUMBER * 10;
    const index = Number(digits) - 1;
    this.#isAfterIndex = isNumber;
    if (isNumber && index >= 0 && index < this.#args.length) this.#argument = index;
    else this.#isGoodArgument = false;
  }

  #number(): number | undefined {
    const digits = /^[0-9]+/.exec(this.#format.slice(this.#at, this.#at + 32))?.[0];
    if (digits === undefined) return undefined;
    if (digits.length > 7 || Number(digits) > MAX_NUMBER * 10) {
      this.#at = this.#format.length;
      return undefined;
    }
    this.#at += digits.length;
    return Number(digits);
  }

  /** The argument that a `*` takes its number from. */
  #starNumber(): number | undefined {
    this.#at++;
    if (this.#argument >= this.#args.length) return undefined;
    const integer = integerOf(this.#args[this.#argument]);
    this.#argument++;
    if (integer === undefined || integer > MAX_NUMBER || integer < -MAX_NUMBER) return undefined;
    return Number(integer);
  }

  #width(flags: Mutable<FormatFlags>): void {
    if (this.#format[this.#at] !== "*") {
      flags.width = this.#number();
      if (this.#isAfterIndex && flags.width !== undefined) this.#isGoodArgument = false;
      return;
    }
    const width = this.#starNumber();
    if (width === undefined) this.#printer.write("%!(BADWIDTH)");
    else {
      flags.width = Math.abs(width);
      if (width < 0) flags.minus = true;
    }
    this.#isAfterIndex = false;
  }

  #precision(flags: Mutable<FormatFlags>): void {
    if (this.#format[this.#at] !== "." || this.#at + 1 >= this.#format.length) return;
    this.#at++;
    if (this.#isAfterIndex) this.#isGoodArgument = false;
    this.#index();
    if (this.#format[this.#at] !== "*") {
      flags.precision = this.#number() ?? 0;
      return;
    }
    const precision = this.#starNumber();
    if (precision === undefined || precision < 0) this.#printer.write("%!(BADPREC)");
    else flags.precision = precision;
    this.#isAfterIndex = false;
  }
}

/** Go's `fmt.Sprintf` with its answers to wrong verbs and arguments; the text is bounded by `check`. */
export function sprintf(format: string, args: readonly GoValue[], check: LengthCheck): string {
  const printer = new ValuePrinter(check);
  new FormatReader(format, args, printer).run();
  return printer.text();
}
