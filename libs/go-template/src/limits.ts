/** Bounds of one execution; each is far above what a template for people needs, and its error says which it was. */
export interface TemplateLimits {
  /** Nodes and commands evaluated. */
  readonly maxSteps: number;
  /** UTF-16 units of the output, and of any single string that a function makes. */
  readonly maxOutputLength: number;
  /** Templates within templates; Go allows 100000, a JavaScript stack does not. */
  readonly maxDepth: number;
}

/** The limits that a template set has unless it is given others. */
export const DEFAULT_LIMITS: TemplateLimits = { maxSteps: 2_000_000, maxOutputLength: 8 * 1024 * 1024, maxDepth: 500 };

/** Depth to which blocks and parentheses may be nested in the text of a template. */
export const MAX_NESTING = 400;
