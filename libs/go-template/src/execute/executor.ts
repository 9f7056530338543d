import { compareUtf8 } from "@monotreme/model";
import { quoteGo } from "../fmt/quote.ts";
import { formatPlain } from "../fmt/sprint.ts";
import type { ActionNode, BranchNode, CallNode, ListNode, StatementNode, TemplateTree } from "../parse/node.ts";
import { printNode } from "../parse/print-node.ts";
import { GoFunction } from "../value/go-function.ts";
import { GoMap, GoSlice } from "../value/go-object.ts";
import { GoInteger } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";
import { integerOf, isTrue, kindOf, typeNameOf } from "../value/kind.ts";
import { toGoValue } from "../value/to-go-value.ts";
import type { Budget } from "./budget.ts";
import { Evaluator, type EvaluationScope } from "./evaluator.ts";
import { Frame } from "./frame.ts";

/** How a statement ended: normally, or by leaving or continuing the loop around it. */
type Outcome = "done" | "break" | "continue";

/** What an execution needs to know of its template set. */
export interface ExecutionScope extends EvaluationScope {
  findTemplate(name: string): TemplateTree | undefined;
}

/** The text that an execution has made so far. */
export class Output {
  readonly #parts: string[] = [];
  readonly #budget: Budget;
  #length = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  write(text: string): void {
    this.#length += text.length;
    this.#budget.checkLength(this.#length);
    this.#parts.push(text);
  }

  text(): string {
    return this.#parts.join("");
  }
}

/** Runs the statements of one template; templates that it calls get an executor of their own. */
export class Executor {
  readonly #frame: Frame;
  readonly #scope: ExecutionScope;
  readonly #output: Output;
  readonly #evaluator: Evaluator;

  constructor(frame: Frame, scope: ExecutionScope, output: Output) {
    this.#frame = frame;
    this.#scope = scope;
    this.#output = output;
    this.#evaluator = new Evaluator(frame, scope);
  }

  run(dot: GoValue): void {
    this.#list(dot, this.#frame.tree.root);
  }

  #list(dot: GoValue, list: ListNode): Outcome {
    for (const node of list.nodes) {
      const outcome = this.#statement(dot, node);
      if (outcome !== "done") return outcome;
    }
    return "done";
  }

  #statement(dot: GoValue, node: StatementNode): Outcome {
    this.#scope.budget.step();
    this.#frame.at(node);
    switch (node.kind) {
      case "text":
        this.#output.write(node.text);
        return "done";
      case "action":
        this.#action(dot, node);
        return "done";
      case "if":
      case "with":
        return this.#condition(dot, node);
      case "range":
        return this.#range(dot, node);
      case "template":
        this.#call(dot, node);
        return "done";
      case "break":
      case "continue":
        return node.kind;
    }
  }

  #action(dot: GoValue, node: ActionNode): void {
    const value = this.#evaluator.pipeline(dot, node.pipe);
    if (node.pipe.declarations.length > 0) return;
    this.#frame.at(node);
    if (value instanceof GoFunction) this.#frame.fail(`can't print ${printNode(node)} of type ${typeNameOf(value)}`);
    this.#output.write(value === undefined ? "<no value>" : formatPlain(value, this.#scope.context));
  }

  #condition(dot: GoValue, node: BranchNode): Outcome {
    const mark = this.#frame.mark();
    const value = this.#evaluator.pipeline(dot, node.pipe);
    let outcome: Outcome = "done";
    if (isTrue(value)) outcome = this.#list(node.kind === "with" ? value : dot, node.list);
    else if (node.elseList !== undefined) outcome = this.#list(dot, node.elseList);
    this.#frame.pop(mark);
    return outcome;
  }

  #range(dot: GoValue, node: BranchNode): Outcome {
    const frame = this.#frame;
    const start = frame.mark();
    const value = this.#evaluator.pipeline(dot, node.pipe);
    const mark = frame.mark();
    let hasRun = false;
    for (const [index, element] of this.#iterate(value, node)) {
      hasRun = true;
      this.#scope.budget.step();
      this.#setLoopVariables(node, index, element);
      const outcome = this.#list(element, node.list);
      frame.pop(mark);
      if (outcome === "break") break;
    }
    let outcome: Outcome = "done";
    if (!hasRun && node.elseList !== undefined) outcome = this.#list(dot, node.elseList);
    frame.pop(start);
    return outcome;
  }

  #setLoopVariables(node: BranchNode, index: GoValue, element: GoValue): void {
    const [first, second] = node.pipe.declarations;
    if (first === undefined) return;
    if (node.pipe.isAssign) {
      this.#frame.set(first.names[0] ?? "", second === undefined ? element : index);
      if (second !== undefined) this.#frame.set(second.names[0] ?? "", element);
    } else {
      this.#frame.setFromTop(1, element);
      if (second !== undefined) this.#frame.setFromTop(2, index);
    }
  }

  *#iterate(value: GoValue, node: BranchNode): Generator<readonly [GoValue, GoValue]> {
    if (value === undefined) return;
    if (value instanceof GoSlice) {
      for (const [i, item] of value.items.entries()) yield [BigInt(i), toGoValue(item)];
    } else if (value instanceof GoMap) {
      for (const key of [...value.entries.keys()].sort(compareUtf8)) yield [key, toGoValue(value.entries.get(key))];
    } else if (kindOf(value) === "int" || kindOf(value) === "uint") {
      const count = integerOf(value) ?? 0n;
      if (node.pipe.declarations.length > 1) {
        this.#frame.fail(`can't use ${formatPlain(value, this.#scope.context)} to iterate over more than one variable`);
      }
      const like = (i: bigint) => (value instanceof GoInteger ? new GoInteger(value.kind, i) : i);
      for (let i = 0n; i < count; i++) yield [undefined, like(i)];
    } else {
      const shown = value instanceof GoFunction ? "function" : formatPlain(value, this.#scope.context);
      this.#frame.fail(`range can't iterate over ${shown}`);
    }
  }

  #call(dot: GoValue, node: CallNode): void {
    const frame = this.#frame;
    const tree = this.#scope.findTemplate(node.name);
    if (tree === undefined) return frame.fail(`template ${quoteGo(node.name)} not defined`);
    const { maxDepth } = this.#scope.budget.limits;
    if (frame.depth >= maxDepth) frame.fail(`exceeded maximum template depth (${maxDepth})`);
    const data = node.pipe === undefined ? undefined : this.#evaluator.pipeline(dot, node.pipe);
    new Executor(new Frame(tree, data, frame.depth + 1), this.#scope, this.#output).run(data);
  }
}
