import { isLegacyLabelName } from "@monotreme/model";
import type { TokenStream } from "./token-stream.ts";

const CONTEXT = "grouping opts";

/** Reads the label list of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`. */
export function parseGrouping(tokens: TokenStream): string[] {
  const labels: string[] = [];
  tokens.expectSymbol("(", CONTEXT);
  while (!tokens.acceptSymbol(")")) {
    labels.push(parseLabel(tokens));
    if (!tokens.acceptSymbol(",") && !tokens.isSymbol(")")) tokens.unexpected(CONTEXT, '"," or ")"');
  }
  return labels;
}

function parseLabel(tokens: TokenStream): string {
  const token = tokens.peek();
  if (token.type === "string") {
    const name = tokens.expectString(CONTEXT, "label");
    if (name !== "") return name;
    return tokens.fail(tokens.position(token.start, token.end), 'invalid label name for grouping: ""');
  }
  if (token.type !== "identifier" || !isLegacyLabelName(token.text)) tokens.unexpected(CONTEXT, "label");
  return tokens.next().text;
}
