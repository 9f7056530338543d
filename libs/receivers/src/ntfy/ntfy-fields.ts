import { messageOf } from "@monotreme/errors";

import type { NotificationTemplates } from "../notification-templates.ts";
import type { NotificationData } from "../notification.ts";
import { truncateRunes } from "../truncate-text.ts";

const MAX_FAILURE_RUNES = 200;
const MAX_SHOWN_FAILURES = 2;

/**
 * Renders the fields of one message. A template that fails leaves its field to the receiver's own text, and `footer`
 * says so in the message: a person gets the alert in any case and learns what to mend.
 */
export class NtfyFields {
  readonly #templates: NotificationTemplates;
  readonly #data: NotificationData;
  readonly #failures: string[] = [];

  constructor(templates: NotificationTemplates, data: NotificationData) {
    this.#templates = templates;
    this.#data = data;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  /** What to say of failed templates; empty where none failed. */
  get footer(): string {
    return this.#failures.slice(0, MAX_SHOWN_FAILURES).join("\n");
  }

  /** The rendered text without white space around it; undefined where it is empty or failed. */
  render(field: string, template: string): string | undefined {
    if (template === "") return undefined;
    try {
      const text = (template.includes("{{") ? this.#templates.text(template, this.#data) : template).trim();
      return text === "" ? undefined : text;
    } catch (error) {
      this.#failures.push(truncateRunes(`(template of ${field} failed: ${messageOf(error)})`, MAX_FAILURE_RUNES));
      return undefined;
    }
  }

  /**
   * The rendered text, or the receiver's own where the template is the default one and nobody has defined it, or where
   * it failed. Undefined where it is configured and empty.
   */
  renderOr(field: string, template: string, own: () => string | undefined): string | undefined {
    const failuresBefore = this.#failures.length;
    const text = this.render(field, template);
    if (text !== undefined) return text;
    return isDefaultTemplate(field, template) || this.#failures.length > failuresBefore ? own() : undefined;
  }
}

/** The text that a field has where nothing is configured. */
export function isDefaultTemplate(field: string, template: string): boolean {
  return template === `{{ template "ntfy.default.${field}" . }}`;
}
