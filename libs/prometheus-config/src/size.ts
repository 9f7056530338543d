const UNIT_EXPONENTS: Readonly<Record<string, number>> = { "": 0, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };
const SIZE = /^(?:\d+(?:\.\d+)?[KMGTPE]?i?B)+$/;
const SIZE_PART = /(\d+(?:\.\d+)?)([KMGTPE]?)i?B/g;

/**
 * Bytes of a size such as `10MB` or `1GiB512MiB`, or undefined where the text is none. As upstream has it, both kinds
 * of unit count in steps of 1024, and only `0` may stand without a unit.
 */
export function parseSizeBytes(text: string): number | undefined {
  if (text === "0") return 0;
  if (!SIZE.test(text)) return undefined;
  let total = 0;
  for (const [, digits = "", unit = ""] of text.matchAll(SIZE_PART)) {
    total += Number(digits) * 1024 ** (UNIT_EXPONENTS[unit] ?? 0);
  }
  const bytes = Math.floor(total);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The size as upstream prints it: `10MiB`, `1GiB512MiB`, `0B`. */
export function formatSizeBytes(sizeBytes: number): string {
  if (sizeBytes === 0) return "0B";
  let rest = sizeBytes;
  let text = "";
  for (const [unit, exponent] of Object.entries(UNIT_EXPONENTS).toReversed()) {
    const unitBytes = 1024 ** exponent;
    const whole = Math.floor(rest / unitBytes);
    if (whole === 0) continue;
    text += `${whole}${unit === "" ? "B" : `${unit}iB`}`;
    rest -= whole * unitBytes;
  }
  return text;
}
