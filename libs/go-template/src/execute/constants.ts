import type { BoolNode, NumberNode, StringNode } from "../parse/node.ts";
import { printNode } from "../parse/print-node.ts";
import { GoDuration } from "../time/go-duration.ts";
import { GoInteger } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";

/** The value of a constant, or why it cannot be of the type wanted. */
export type ConstantResult = { readonly value: GoValue } | { readonly fault: string };

/** A numeric constant where no type is asked for: its spelling says int or float64; undefined where it overflows. */
export function idealConstant(node: NumberNode): bigint | number | undefined {
  const { text } = node;
  const isRune = text.startsWith("'");
  const isHexInteger = /^0[xX]/.test(text) && !/[pP]/.test(text);
  if (node.float !== undefined && !isRune && !isHexInteger && /[.eEpP]/.test(text)) return node.float;
  return node.int;
}

/** A constant for a parameter of that type, as Go's untyped constants become typed ones. */
export function constantFor(node: BoolNode | NumberNode | StringNode, typeName: string | undefined): ConstantResult {
  const found = printNode(node);
  switch (typeName) {
    case undefined:
    case "interface {}":
    case "reflect.Value": {
      if (node.kind === "bool") return { value: node.value };
      if (node.kind === "string") return { value: node.text };
      const value = idealConstant(node);
      return value === undefined ? { fault: `${node.text} overflows int` } : { value };
    }
    case "string":
      return node.kind === "string" ? { value: node.text } : { fault: `expected string; found ${found}` };
    case "bool":
      return node.kind === "bool" ? { value: node.value } : { fault: `expected bool; found ${found}` };
    case "float64":
      return node.kind === "number" && node.float !== undefined
        ? { value: node.float }
        : { fault: `expected float; found ${found}` };
    case "int":
      return integerConstant(node, (int) => int);
    case "time.Duration":
      return integerConstant(node, (int) => new GoDuration(int));
    case "int64":
      return integerConstant(node, (int) => new GoInteger("int64", int));
    default:
      return { fault: `can't handle ${found} for arg of type ${typeName}` };
  }
}

function integerConstant(node: BoolNode | NumberNode | StringNode, make: (int: bigint) => GoValue): ConstantResult {
  return node.kind === "number" && node.int !== undefined
    ? { value: make(node.int) }
    : { fault: `expected integer; found ${printNode(node)}` };
}
