/**
 * A float as Prometheus' API and exposition write it (Go's `strconv.FormatFloat(v, 'f', -1, 64)`, with the exponent
 * form below 1e-6 and from 1e21 on): `1`, `0.5`, `1e+21`, `1e-07`, `NaN`, `+Inf`, `-Inf`.
 */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  if (Object.is(value, -0)) return "-0";
  // JavaScript switches to the exponent form at the same two borders; Go writes at least two exponent digits.
  const text = String(value);
  const exponentAt = text.indexOf("e");
  if (exponentAt < 0) return text;
  const sign = text[exponentAt + 1];
  const digits = text.slice(exponentAt + 2);
  return `${text.slice(0, exponentAt)}e${sign}${digits.length < 2 ? `0${digits}` : digits}`;
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads a float as Go's `strconv.ParseFloat` does for decimal text, `Inf`, `Infinity` and `NaN` in any case;
 * undefined where the text is none.
 */
export function parseFloatGo(text: string): number | undefined {
  if (DECIMAL.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case "inf":
    case "+inf":
    case "infinity":
    case "+infinity":
      return Infinity;
    case "-inf":
    case "-infinity":
      return -Infinity;
    case "nan":
      return Number.NaN;
    default:
      return undefined;
  }
}
