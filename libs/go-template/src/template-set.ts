import { Budget } from "./execute/budget.ts";
import { type ExecutionScope, Executor, Output } from "./execute/executor.ts";
import { Frame } from "./execute/frame.ts";
import type { MissingKey } from "./execute/read-field.ts";
import { quoteGo } from "./fmt/quote.ts";
import { BUILTIN_FUNCTIONS } from "./functions/builtin-functions.ts";
import { ESCAPE_FUNCTIONS } from "./html/escape-functions.ts";
import { HtmlEscaper } from "./html/html-escaper.ts";
import { DEFAULT_LIMITS, type TemplateLimits } from "./limits.ts";
import { isEmptyList, type TemplateTree } from "./parse/node.ts";
import { parseTemplate } from "./parse/parser.ts";
import { TemplateExecuteError, TemplateLimitError, TemplateParseError } from "./template-error.ts";
import type { CallContext, GoFunction } from "./value/go-function.ts";
import { mendText } from "./value/go-string.ts";
import type { TemplateValue } from "./value/go-value.ts";
import { toGoValue } from "./value/to-go-value.ts";

/** Whether output is plain text, or HTML with escaping by context as Go's `html/template` does it. */
export type TemplateKind = "text" | "html";

/** Functions by the names that templates call them by. */
export type TemplateFunctions = Readonly<Record<string, GoFunction>>;

/** What a set of templates is made with. */
export interface TemplateSetOptions {
  readonly functions: TemplateFunctions;
  /** What a key that a map lacks is: the invalid value (`<no value>`) or the zero value of the map's elements. */
  readonly missingKey?: MissingKey;
  readonly limits?: Partial<TemplateLimits>;
}

/** Templates that can call each other by name, as Go's `text/template` and `html/template` keep them. */
export class TemplateSet {
  readonly #options: TemplateSetOptions;
  readonly #functions: ReadonlyMap<string, GoFunction>;
  readonly #limits: TemplateLimits;
  readonly #trees = new Map<string, TemplateTree>();
  /** Trees with escapers, by the template that is executed. */
  readonly #escaped = new Map<string, ReadonlyMap<string, TemplateTree>>();

  constructor(options: TemplateSetOptions) {
    this.#options = options;
    this.#functions = new Map(Object.entries(options.functions));
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  /** A set with the same templates and functions, to which others can be added. */
  clone(): TemplateSet {
    const copy = new TemplateSet(this.#options);
    for (const [name, tree] of this.#trees) copy.#trees.set(name, tree);
    return copy;
  }

  /**
   * Adds a text and the templates that it defines. A definition takes the place of an earlier one, unless it is
   * empty. Throws TemplateParseError and then leaves the set as it was.
   */
  parse(name: string, text: string): void {
    for (const [treeName, tree] of this.#parseTrees(name, text)) {
      if (this.#trees.has(treeName) && isEmptyList(tree.root)) continue;
      this.#trees.set(treeName, tree);
    }
    this.#escaped.clear();
  }

  #parseTrees(name: string, text: string): Map<string, TemplateTree> {
    try {
      return parseTemplate(name, text, (called) => this.#functions.has(called) || BUILTIN_FUNCTIONS.has(called));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TemplateParseError(`template: ${name}: nested too deeply`);
    }
  }

  has(name: string): boolean {
    return this.#trees.has(name);
  }

  /** Runs a template. Throws TemplateExecuteError, or TemplateLimitError where it takes too much. */
  execute(name: string, data: TemplateValue, kind: TemplateKind = "text"): string {
    const budget = new Budget(this.#limits);
    try {
      return mendText(this.#run(name, data, kind, budget));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new TemplateLimitError("the template needs more stack or memory than there is");
    }
  }

  /** Runs a text of its own against these templates, without adding it to the set. */
  executeText(text: string, data: TemplateValue, kind: TemplateKind = "text"): string {
    if (text === "") return "";
    const copy = this.clone();
    copy.parse("", text);
    return copy.execute("", data, kind);
  }

  #run(name: string, data: TemplateValue, kind: TemplateKind, budget: Budget): string {
    const trees = this.#treesFor(name, kind);
    const tree = trees.get(name);
    if (tree === undefined) throw new TemplateExecuteError(`template: no template ${quoteGo(name)} in this set`);
    const output = new Output(budget);
    const root = toGoValue(data);
    new Executor(new Frame(tree, root, 0), this.#scope(trees, kind, budget), output).run(root);
    return output.text();
  }

  /** The templates as they run: for HTML those with escapers, which are made once for each entry. */
  #treesFor(name: string, kind: TemplateKind): ReadonlyMap<string, TemplateTree> {
    if (kind === "text" || !this.#trees.has(name)) return this.#trees;
    let escaped = this.#escaped.get(name);
    if (escaped === undefined) {
      escaped = new HtmlEscaper((called) => this.#trees.get(called)).escape(name);
      this.#escaped.set(name, escaped);
    }
    return escaped;
  }

  #scope(trees: ReadonlyMap<string, TemplateTree>, kind: TemplateKind, budget: Budget): ExecutionScope {
    const context: CallContext = {
      execute: (name, data) => this.#run(name, data, kind, budget),
      checkLength: (length) => budget.checkLength(length),
    };
    return {
      budget,
      context,
      missingKey: this.#options.missingKey ?? "default",
      findTemplate: (name) => trees.get(name),
      findFunction: (name) => this.#functions.get(name) ?? BUILTIN_FUNCTIONS.get(name) ?? ESCAPE_FUNCTIONS.get(name),
    };
  }
}
