import { messageOf } from "@monotreme/errors";
import type {
  BoolNode,
  ChainNode,
  CommandNode,
  NilNode,
  NumberNode,
  OperandNode,
  PipeNode,
  StringNode,
  VariableNode,
} from "../parse/node.ts";
import { printNode } from "../parse/print-node.ts";
import { TemplateLimitError } from "../template-error.ts";
import type { CallContext, GoFunction } from "../value/go-function.ts";
import type { GoValue } from "../value/go-value.ts";
import { canBeNil, isAssignable, isTrue, stringOf, typeNameOf } from "../value/kind.ts";
import { toGoValue } from "../value/to-go-value.ts";
import type { Budget } from "./budget.ts";
import { constantFor, idealConstant } from "./constants.ts";
import type { Frame } from "./frame.ts";
import { type MissingKey, readField } from "./read-field.ts";

/** What a template may call and how it reads its data. */
export interface EvaluationScope {
  readonly missingKey: MissingKey;
  readonly budget: Budget;
  readonly context: CallContext;
  findFunction(name: string): GoFunction | undefined;
}

/** Marks that a command gets no value from the pipeline before it; `undefined` is a value there. */
const NONE = Symbol("no final value");
type Final = GoValue | typeof NONE;

/** Evaluates the pipelines of one running template. */
export class Evaluator {
  readonly #frame: Frame;
  readonly #scope: EvaluationScope;

  constructor(frame: Frame, scope: EvaluationScope) {
    this.#frame = frame;
    this.#scope = scope;
  }

  /** The value of a pipeline; declares or assigns its variables. A nil interface comes out as the invalid value. */
  pipeline(dot: GoValue, pipe: PipeNode): GoValue {
    const frame = this.#frame;
    frame.at(pipe);
    let value: Final = NONE;
    for (const command of pipe.commands) {
      const result: GoValue = this.#command(dot, command, value);
      value = result === null ? undefined : result;
    }
    const result = value === NONE ? undefined : value;
    for (const variable of pipe.declarations) {
      const name = variable.names[0] ?? "";
      if (pipe.isAssign) frame.set(name, result);
      else frame.push(name, result);
    }
    return result;
  }

  #command(dot: GoValue, command: CommandNode, final: Final): GoValue {
    this.#scope.budget.step();
    const frame = this.#frame;
    const { args } = command;
    const first = args[0];
    if (first === undefined) return frame.fail("empty command");
    if (first.kind === "chain") return this.#chain(dot, first, args, final);
    if (first.kind === "variable") return this.#variable(dot, first, args, final);
    if (first.kind === "pipe") {
      this.#refuseArguments(args, final);
      return this.pipeline(dot, first);
    }
    frame.at(first);
    if (first.kind === "field") return this.#fieldChain(dot, dot, first, first.names, args, final);
    if (first.kind === "identifier") return this.#function(dot, first.name, command, args, final);
    this.#refuseArguments(args, final);
    if (first.kind === "nil") return frame.fail("nil is not a command");
    return first.kind === "dot" ? dot : this.#constant(first);
  }

  #constant(node: OperandNode): GoValue {
    if (node.kind === "bool") return node.value;
    if (node.kind === "string") return node.text;
    return node.kind === "number" ? this.#number(node) : undefined;
  }

  #number(node: NumberNode): GoValue {
    return idealConstant(node) ?? this.#frame.fail(`${node.text} overflows int`);
  }

  #refuseArguments(args: readonly OperandNode[], final: Final): void {
    const [first] = args;
    if ((args.length > 1 || final !== NONE) && first !== undefined) {
      const text = first.kind === "pipe" ? `${printNode(first)}` : printNode(first);
      this.#frame.fail(`can't give argument to non-function ${text}`);
    }
  }

  #variable(dot: GoValue, node: VariableNode, args: readonly OperandNode[], final: Final): GoValue {
    this.#frame.at(node);
    const value = this.#frame.get(node.names[0] ?? "");
    if (node.names.length > 1) return this.#fieldChain(dot, value, node, node.names.slice(1), args, final);
    this.#refuseArguments(args, final);
    return value;
  }

  #chain(dot: GoValue, node: ChainNode, args: readonly OperandNode[], final: Final): GoValue {
    this.#frame.at(node);
    if (node.node.kind === "nil") this.#frame.fail(`indirection through explicit nil in ${printNode(node)}`);
    const receiver = this.#argument(dot, undefined, node.node);
    return this.#fieldChain(dot, receiver, node, node.names, args, final);
  }

  #fieldChain(
    dot: GoValue,
    start: GoValue,
    node: OperandNode,
    names: readonly string[],
    args: readonly OperandNode[],
    final: Final,
  ): GoValue {
    let receiver = start;
    let isInterface = false;
    const last = names.length - 1;
    for (const [i, name] of names.entries()) {
      const found = readField(receiver, name, this.#scope.missingKey, isInterface);
      const call: { readonly args: readonly OperandNode[]; readonly final: Final } =
        i === last ? { args, final } : { args: [], final: NONE };
      if (found.kind === "fault") return this.#frame.fail(found.message);
      if (found.kind === "method") receiver = this.#call(dot, found.method, node, name, call.args, call.final);
      else {
        const hasArguments = call.args.length > 1 || call.final !== NONE;
        if (receiver !== undefined && hasArguments) this.#refuseCall(name, found.isKey);
        receiver = found.value;
      }
      isInterface = found.kind === "value" && found.isInterface;
    }
    return receiver;
  }

  #refuseCall(name: string, isKey: boolean): never {
    return this.#frame.fail(
      isKey ? `${name} is not a method but has arguments` : `${name} has arguments but cannot be invoked as function`,
    );
  }

  #function(
    dot: GoValue,
    name: string,
    node: CommandNode | OperandNode,
    args: readonly OperandNode[],
    final: Final,
  ): GoValue {
    const found = this.#scope.findFunction(name);
    if (found === undefined) return this.#frame.fail(`"${name}" is not a defined function`);
    return this.#call(dot, found, node, name, args, final);
  }

  #call(
    dot: GoValue,
    target: GoFunction,
    node: CommandNode | OperandNode,
    name: string,
    argsWithName: readonly OperandNode[],
    final: Final,
  ): GoValue {
    const args = argsWithName.slice(1);
    this.#checkCount(target, name, args.length, final);
    if (name === "and" || name === "or") return this.#shortCircuit(dot, name, args, final);
    const values = args.map((arg, i) => this.#argument(dot, parameterAt(target, i), arg));
    if (final !== NONE) values.push(this.#fit(final, parameterAt(target, args.length)));
    try {
      const result = toGoValue(target.call(values, this.#scope.context));
      this.#scope.budget.checkLength(stringOf(result)?.length ?? 0);
      return result;
    } catch (error) {
      if (error instanceof TemplateLimitError || error instanceof RangeError) throw error;
      this.#frame.at(node);
      return this.#frame.fail(`error calling ${name}: ${messageOf(error)}`, error);
    }
  }

  #checkCount(target: GoFunction, name: string, given: number, final: Final): void {
    const count = given + (final === NONE ? 0 : 1);
    const wanted = target.params.length;
    if (target.isVariadic) {
      if (count < wanted - 1) {
        this.#frame.fail(`wrong number of args for ${name}: want at least ${wanted - 1} got ${given}`);
      }
    } else if (count !== wanted) {
      this.#frame.fail(`wrong number of args for ${name}: want ${wanted} got ${count}`);
    }
  }

  #shortCircuit(dot: GoValue, name: "and" | "or", args: readonly OperandNode[], final: Final): GoValue {
    let value: GoValue;
    for (const arg of args) {
      value = this.#argument(dot, "reflect.Value", arg);
      if (isTrue(value) === (name === "or")) return value;
    }
    return final === NONE ? value : final;
  }

  /** Evaluates an argument for a parameter of that type; undefined is any type, of a chain's first part. */
  #argument(dot: GoValue, typeName: string | undefined, node: OperandNode): GoValue {
    const frame = this.#frame;
    frame.at(node);
    if (node.kind === "nil") {
      if (typeName !== undefined && canBeNil(typeName)) return typeName === "reflect.Value" ? undefined : null;
      return frame.fail(`cannot assign nil to ${typeName ?? "value"}`);
    }
    if (node.kind === "bool" || node.kind === "number" || node.kind === "string") {
      const constant = constantFor(node, typeName);
      return "fault" in constant ? frame.fail(constant.fault) : constant.value;
    }
    return this.#fit(this.#operand(dot, node), typeName);
  }

  #operand(dot: GoValue, node: Exclude<OperandNode, NilNode | BoolNode | NumberNode | StringNode>): GoValue {
    switch (node.kind) {
      case "dot":
        return dot;
      case "field":
        return this.#fieldChain(dot, dot, node, node.names, [node], NONE);
      case "variable":
        return this.#variable(dot, node, [], NONE);
      case "pipe":
        return this.pipeline(dot, node);
      case "identifier":
        return this.#function(dot, node.name, node, [], NONE);
      case "chain":
        return this.#chain(dot, node, [], NONE);
    }
  }

  #fit(value: GoValue, typeName: string | undefined): GoValue {
    if (typeName === undefined || typeName === "reflect.Value") return value;
    if (value === undefined) {
      return canBeNil(typeName) ? null : this.#frame.fail(`invalid value; expected ${typeName}`);
    }
    if (isAssignable(value, typeName)) return value;
    return this.#frame.fail(`wrong type for value; expected ${typeName}; got ${typeNameOf(value)}`);
  }
}

function parameterAt(target: GoFunction, index: number): string {
  return target.params[Math.min(index, target.params.length - 1)] ?? "interface {}";
}
