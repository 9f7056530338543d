import { quoteGo } from "../fmt/quote.ts";
import type {
  ActionNode,
  BranchNode,
  BreakNode,
  CallNode,
  ListNode,
  StatementNode,
  TemplateNode,
  TemplateTree,
} from "../parse/node.ts";
import { printNode } from "../parse/print-node.ts";
import { TemplateExecuteError, TemplateLimitError } from "../template-error.ts";
import {
  contextOf,
  describeContext,
  faultContext,
  type HtmlContext,
  isSameContext,
  joinContexts,
  mangledName,
  nudge,
  TEXT_CONTEXT,
} from "./context.ts";
import { escapersFor, misplacedEscaper, withEscapers } from "./escape-pipeline.ts";
import { escapeLiteralText } from "./escape-text.ts";

/** The contexts at which a loop is left or continued from within. */
interface LoopContexts {
  readonly outer: LoopContexts | undefined;
  readonly leaves: { readonly context: HtmlContext; readonly node: BreakNode }[];
}

const MAX_STATEMENTS = 200_000;

/** A node with its escapers, and the context after it. */
type Escaped<N> = readonly [HtmlContext, N];

function placeOf(node: TemplateNode): string {
  const before = node.source.text.slice(0, node.pos);
  const column = Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1));
  return `${node.source.parseName}:${before.split("\n").length}:${column}`;
}

/**
 * Adds the escapers that `html/template` would to the pipelines of a template and of those that it calls; a template
 * that is called in several contexts gets a variant for each, under a name of its own.
 */
export class HtmlEscaper {
  readonly #find: (name: string) => TemplateTree | undefined;
  /** The context after each variant, as far as known or assumed. */
  readonly #outputs: Map<string, HtmlContext>;
  readonly #called = new Set<string>();
  readonly #trees = new Map<string, TemplateTree>();
  /** Statements looked at; loops within loops are looked at twice for each level. */
  readonly #effort: { statements: number };
  #loop: LoopContexts | undefined;

  constructor(find: (name: string) => TemplateTree | undefined, parent?: HtmlEscaper) {
    this.#find = find;
    this.#outputs = new Map(parent === undefined ? [] : parent.#outputs);
    this.#effort = parent === undefined ? { statements: 0 } : parent.#effort;
    this.#loop = parent === undefined ? undefined : parent.#loop;
  }

  /** The escaped variants that a template needs, its own under its name; throws TemplateExecuteError. */
  escape(name: string): ReadonlyMap<string, TemplateTree> {
    const context = this.#template(TEXT_CONTEXT, undefined, name, 0)[0];
    const { fault } = context;
    if (fault !== undefined) {
      const line = fault.line === undefined || fault.line === 0 ? "" : `:${fault.line}`;
      throw new TemplateExecuteError(`html/template:${fault.location ?? `${name}${line}`}: ${fault.message}`);
    }
    if (context.state !== "Text") {
      throw new TemplateExecuteError(`html/template:${name}: ends in a non-text context: ${describeContext(context)}`);
    }
    return this.#trees;
  }

  #statement(context: HtmlContext, node: StatementNode): Escaped<StatementNode> {
    if (++this.#effort.statements > MAX_STATEMENTS) {
      throw new TemplateLimitError("the template is nested too deeply to be escaped");
    }
    switch (node.kind) {
      case "text": {
        const escaped = escapeLiteralText(context, node.text);
        return [escaped.context, { ...node, text: escaped.text }];
      }
      case "action":
        return this.#action(context, node);
      case "break":
      case "continue":
        this.#loop?.leaves.push({ context, node });
        return [contextOf("Dead"), node];
      case "template": {
        const [after, name] = this.#template(context, node, node.name, node.line);
        return [after, { ...node, name }];
      }
      case "if":
      case "with":
      case "range":
        return this.#branch(context, node);
    }
  }

  #list(start: HtmlContext, list: ListNode): Escaped<ListNode> {
    let context = start;
    const nodes: StatementNode[] = [];
    for (const node of list.nodes) {
      const [after, escaped] = this.#statement(context, node);
      nodes.push(escaped);
      context = after;
      if (context.state === "Dead") break;
    }
    return [context, { ...list, nodes }];
  }

  #action(before: HtmlContext, node: ActionNode): Escaped<ActionNode> {
    if (node.pipe.declarations.length > 0) return [before, node];
    const context = nudge(before);
    const misplaced = misplacedEscaper(node.pipe, context);
    if (misplaced !== undefined) {
      const message = `predefined escaper ${quoteGo(misplaced)} disallowed in template`;
      return [faultContext(message, placeOf(node)), node];
    }
    if (context.state === "Error") return [context, node];
    const escapers = escapersFor(context);
    if (escapers === undefined) {
      const message = `${printNode(node)} appears in an ambiguous context within a URL`;
      return [faultContext(message, placeOf(node)), node];
    }
    const escaped = { ...node, pipe: withEscapers(node.pipe, escapers) };
    if (context.state === "JS") return [{ ...context, jsContext: "DivOp" }, escaped];
    return [context.state === "Tag" ? { ...context, state: "AttrName" } : context, escaped];
  }

  #branch(context: HtmlContext, node: BranchNode): Escaped<BranchNode> {
    const [afterList, list] = node.kind === "range" ? this.#range(context, node) : this.#list(context, node.list);
    if (node.kind === "range" && afterList.state === "Error") return [afterList, node];
    const [afterElse, elseList] =
      node.elseList === undefined ? ([context, undefined] as const) : this.#list(context, node.elseList);
    return [joinContexts(afterList, afterElse, node.kind, placeOf(node)), { ...node, list, elseList }];
  }

  /** The body of a loop, which has to end in the context in which it can start again. */
  #range(context: HtmlContext, node: BranchNode): Escaped<ListNode> {
    const outer = this.#loop;
    const first: LoopContexts = { outer, leaves: [] };
    this.#loop = first;
    const [afterOnce, list] = this.#list(context, node.list);
    const joined = joinLeaves(afterOnce, first);
    if (joined.state === "Error") {
      this.#loop = outer;
      return [joined, list];
    }
    const again: LoopContexts = { outer, leaves: [] };
    this.#loop = again;
    const [afterTwice] = new HtmlEscaper(this.#find, this).#list(joined, node.list);
    this.#loop = outer;
    const both = joinContexts(joined, afterTwice, "range", placeOf(node));
    if (both.fault !== undefined) {
      const { message, location } = both.fault;
      return [faultContext(`on range loop re-entry: ${message}`, location, node.line), list];
    }
    return [joinLeaves(both, again), list];
  }

  #template(context: HtmlContext, node: CallNode | undefined, name: string, line: number): Escaped<string> {
    const variant = mangledName(context, name);
    this.#called.add(variant);
    const known = this.#outputs.get(variant);
    if (known !== undefined) return [known, variant];
    const tree = this.#find(name);
    if (tree === undefined) {
      const location = node === undefined ? undefined : placeOf(node);
      return [faultContext(`no such template ${quoteGo(name)}`, location, line), variant];
    }
    return [this.#outputOf(context, tree, variant), variant];
  }

  #outputOf(context: HtmlContext, tree: TemplateTree, variant: string): HtmlContext {
    const [first, isFirstRight] = this.#body(context, tree, variant);
    if (isFirstRight) return first;
    // A template that calls itself: the context after it is what it would have to be assumed to be.
    const [second, isSecondRight] = this.#body(first, tree, variant);
    if (isSecondRight) return second;
    if (first.state === "Error") return first;
    return faultContext(`cannot compute output context for template ${variant}`, placeOf(tree.root));
  }

  /** Escapes a body on the assumption that it ends in the context in which it starts, and says whether that held. */
  #body(context: HtmlContext, tree: TemplateTree, variant: string): readonly [HtmlContext, boolean] {
    this.#outputs.set(variant, context);
    const attempt = new HtmlEscaper(this.#find, this);
    const [after, root] = attempt.#list(context, tree.root);
    if (after.state === "Error") return [after, false];
    if (attempt.#called.has(variant) && !isSameContext(context, after)) return [after, false];
    for (const [name, output] of attempt.#outputs) this.#outputs.set(name, output);
    for (const [name, made] of attempt.#trees) this.#trees.set(name, made);
    for (const name of attempt.#called) this.#called.add(name);
    this.#trees.set(variant, { name: variant, source: tree.source, root });
    this.#outputs.set(variant, after);
    return [after, true];
  }
}

function joinLeaves(context: HtmlContext, loop: LoopContexts): HtmlContext {
  let joined = context;
  for (const kind of ["break", "continue"] as const) {
    for (const leave of loop.leaves.filter(({ node }) => node.kind === kind)) {
      joined = joinContexts(joined, leave.context, "range", placeOf(leave.node));
      if (joined.fault !== undefined && joined !== context) {
        return faultContext(`at range loop ${kind}: ${joined.fault.message}`, joined.fault.location, leave.node.line);
      }
    }
  }
  return joined;
}
