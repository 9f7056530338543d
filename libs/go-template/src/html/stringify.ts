import { sprint } from "../fmt/sprint.ts";
import type { CallContext } from "../value/go-function.ts";
import { SafeContent, type SafeKind } from "../value/go-scalars.ts";
import type { GoValue } from "../value/go-value.ts";

/** The text of a value that is to be escaped, and what it is known to be safe as. */
export interface EscapeInput {
  readonly text: string;
  readonly kind: SafeKind | "plain";
}

/** The text of an escaper's arguments; a missing value is no text at all. */
export function stringify(args: readonly GoValue[], context: CallContext): EscapeInput {
  const [only] = args;
  if (args.length === 1 && typeof only === "string") return { text: only, kind: "plain" };
  if (args.length === 1 && only instanceof SafeContent) return { text: only.text, kind: only.safeKind };
  const present = args.filter((arg) => arg !== null && arg !== undefined);
  return { text: sprint(present, context), kind: "plain" };
}
