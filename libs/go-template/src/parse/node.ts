/** The text that a node comes from; errors show the name and derive line and column from the text. */
export interface TemplateSource {
  readonly parseName: string;
  readonly text: string;
}

interface NodeBase {
  /** Index into the source's text, in UTF-16 units. */
  readonly pos: number;
  readonly line: number;
  readonly source: TemplateSource;
}

export interface TextNode extends NodeBase {
  readonly kind: "text";
  readonly text: string;
}
export interface DotNode extends NodeBase {
  readonly kind: "dot";
}
export interface NilNode extends NodeBase {
  readonly kind: "nil";
}
export interface BoolNode extends NodeBase {
  readonly kind: "bool";
  readonly value: boolean;
}
/** A numeric constant under every type that can hold it, as Go's untyped constants. */
export interface NumberNode extends NodeBase {
  readonly kind: "number";
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
}
export interface StringNode extends NodeBase {
  readonly kind: "string";
  readonly quoted: string;
  readonly text: string;
}
export interface FieldNode extends NodeBase {
  readonly kind: "field";
  readonly names: readonly string[];
}
export interface VariableNode extends NodeBase {
  readonly kind: "variable";
  /** The variable with its dollar sign, then fields. */
  readonly names: readonly string[];
}
export interface IdentifierNode extends NodeBase {
  readonly kind: "identifier";
  readonly name: string;
}
export interface ChainNode extends NodeBase {
  readonly kind: "chain";
  readonly node: OperandNode;
  readonly names: readonly string[];
}
export interface CommandNode extends NodeBase {
  readonly kind: "command";
  readonly args: readonly OperandNode[];
}
export interface PipeNode extends NodeBase {
  readonly kind: "pipe";
  readonly isAssign: boolean;
  readonly declarations: readonly VariableNode[];
  readonly commands: readonly CommandNode[];
}
export interface ActionNode extends NodeBase {
  readonly kind: "action";
  readonly pipe: PipeNode;
}
export interface BranchNode extends NodeBase {
  readonly kind: "if" | "range" | "with";
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}
export interface CallNode extends NodeBase {
  readonly kind: "template";
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface BreakNode extends NodeBase {
  readonly kind: "break" | "continue";
}
export interface ListNode extends NodeBase {
  readonly kind: "list";
  readonly nodes: readonly StatementNode[];
}

export type OperandNode =
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | ChainNode
  | PipeNode;
export type StatementNode = TextNode | ActionNode | BranchNode | CallNode | BreakNode;
export type TemplateNode = OperandNode | StatementNode | CommandNode | ListNode;

/** A named template as parsed. */
export interface TemplateTree {
  readonly name: string;
  readonly source: TemplateSource;
  readonly root: ListNode;
}

/** Whether a list holds nothing but white space, so that a later definition may take its place. */
export function isEmptyList(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === "text" && node.text.trim() === "");
}
