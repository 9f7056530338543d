import { quoteGo } from "../fmt/quote.ts";
import type { CommandNode, ListNode, PipeNode, TemplateNode } from "./node.ts";

/** A node as Go's `String` method writes it; error messages show it between angle brackets. */
export function printNode(node: TemplateNode): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(node.value);
    case "number":
      return node.text;
    case "string":
      return node.quoted;
    case "field":
      return node.names.map((name) => `.${name}`).join("");
    case "variable":
      return node.names.join(".");
    case "identifier":
      return node.name;
    case "chain":
      return printInner(node.node) + node.names.map((name) => `.${name}`).join("");
    case "command":
      return printCommand(node);
    case "pipe":
      return printPipe(node);
    case "action":
      return `{{${printPipe(node.pipe)}}}`;
    case "if":
    case "range":
    case "with": {
      const otherwise = node.elseList === undefined ? "" : `{{else}}${printList(node.elseList)}`;
      return `{{${node.kind} ${printPipe(node.pipe)}}}${printList(node.list)}${otherwise}{{end}}`;
    }
    case "template":
      return `{{template ${quoteGo(node.name)}${node.pipe === undefined ? "" : ` ${printPipe(node.pipe)}`}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    case "list":
      return printList(node);
  }
}

function printInner(node: TemplateNode): string {
  return node.kind === "pipe" ? `(${printPipe(node)})` : printNode(node);
}

function printCommand(node: CommandNode): string {
  return node.args.map(printInner).join(" ");
}

function printPipe(node: PipeNode): string {
  const names = node.declarations.map(printNode).join(", ");
  const declaration = names === "" ? "" : `${names} ${node.isAssign ? "=" : ":="} `;
  return declaration + node.commands.map(printCommand).join(" | ");
}

function printList(node: ListNode): string {
  return node.nodes.map(printNode).join("");
}
