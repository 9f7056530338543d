/** Whether a text may be a label's name: any non-empty text that is valid UTF-8. */
export function isValidLabelName(name: string): boolean {
  // Bytes that are no UTF-8 come out of the parser as lone surrogates or as the replacement character.
  return name !== "" && !name.includes("\ufffd") && !/[\ud800-\udfff]/u.test(name);
}
