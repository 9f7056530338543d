import { AppError } from "@monotreme/errors";

/** A template text that cannot be read; the message is Go's: `template: NAME:LINE: ...`. */
export class TemplateParseError extends AppError {
  constructor(message: string) {
    super("TEMPLATE_INVALID", "invalid", message);
    this.name = "TemplateParseError";
  }
}

/** A template that failed while it ran; the message is Go's: `template: NAME:LINE:COL: executing "NAME" at <...>: ...`. */
export class TemplateExecuteError extends AppError {
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("TEMPLATE_FAILED", "invalid", message, options);
    this.name = "TemplateExecuteError";
  }
}

/** A bound on what a template may use (steps, output, depth) was reached; the message names the bound. */
export class TemplateLimitError extends AppError {
  constructor(message: string) {
    super("TEMPLATE_LIMIT", "limit", message);
    this.name = "TemplateLimitError";
  }
}

/** What a template function throws to fail its call; the executor adds the place and the function's name. */
export class TemplateFunctionError extends AppError {
  constructor(message: string) {
    super("TEMPLATE_FUNCTION_FAILED", "invalid", message);
    this.name = "TemplateFunctionError";
  }
}
