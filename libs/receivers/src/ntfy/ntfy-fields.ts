import type { IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";

const MAX_TOLD_FAILURES = 2;

/**
 * Renders the fields of one message. A template that fails leaves its field to the receiver's own text, and `footer`
 * says so in the message: a person gets the alert in any case and learns what to mend.
 */
export class NtfyFields {
  readonly #expander: MessageExpander;

  constructor(notification: Notification, context: IntegrationContext) {
    this.#expander = new MessageExpander("ntfy", notification, context);
  }

  /** What to say of failed templates; empty where none failed. */
  get footer(): string {
    return this.#expander.problems
      .slice(0, MAX_TOLD_FAILURES)
      .map((problem) => `(${problem})`)
      .join("\n");
  }

  /** The rendered text without white space around it; undefined where it is empty or failed. */
  render(field: string, template: string): string | undefined {
    if (template === "") return undefined;
    const text = (template.includes("{{") ? this.#expander.value(field, template) : template).trim();
    return text === "" ? undefined : text;
  }

  /**
   * The rendered text, or the receiver's own where the template is the default one and nobody has defined it, or where
   * it failed. Undefined where it is configured and empty.
   */
  renderOr(field: string, template: string, own: () => string | undefined): string | undefined {
    const failuresBefore = this.#expander.problems.length;
    const text = this.render(field, template);
    if (text !== undefined) return text;
    const hasFailed = this.#expander.problems.length > failuresBefore;
    return hasFailed || isDefaultTemplate(field, template) ? own() : undefined;
  }

  /** A text without which nothing can be sent; throws a `DeliveryError` that does not show it. */
  required(field: string, template: string): string {
    return this.#expander.required(field, template).trim();
  }
}

/** Whether a field has the text that it has where nothing is configured. */
export function isDefaultTemplate(field: string, template: string): boolean {
  return template === `{{ template "ntfy.default.${field}" . }}`;
}
