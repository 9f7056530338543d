import { messageOf } from "@monotreme/errors";
import { DeliveryError } from "../delivery-error.ts";
import type { IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { truncateRunes } from "../truncate-text.ts";
import { escapeHtml } from "./escape-html.ts";
import { plainAlertList, plainSubject } from "./plain-text.ts";

const MAX_ERROR_RUNES = 300;

/**
 * Expands the templates of one notification. A template that fails does not keep the notification back: texts for
 * people are replaced by the alerts in plain and the error, values for machines by a fallback, and the failure is logged
 * and counted.
 */
export class MessageExpander {
  readonly #integration: string;
  readonly #notification: Notification;
  readonly #context: IntegrationContext;
  /** Failures of values, which no text has told yet. */
  #untold: string[] = [];
  readonly #problems: string[] = [];

  constructor(integration: string, notification: Notification, context: IntegrationContext) {
    this.#integration = integration;
    this.#notification = notification;
    this.#context = context;
  }

  /** What failed so far, a sentence each. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** A text that people read, in several lines if need be. */
  text(field: string, template: string): string {
    const { templates } = this.#context;
    return this.#expand(field, template, (text) => templates.text(text, this.#notification.data)) ?? this.#plainText();
  }

  /** A text that people read in one line: a title, a subject. */
  line(field: string, template: string): string {
    const { templates } = this.#context;
    const text = this.#expand(field, template, (source) => templates.text(source, this.#notification.data));
    return text ?? `${plainSubject(this.#notification.data)} (${this.#problems.at(-1)})`;
  }

  /** As {@link text}, with the escaping of HTML. */
  html(field: string, template: string): string {
    const { templates } = this.#context;
    const html = this.#expand(field, template, (text) => templates.html(text, this.#notification.data));
    return html ?? `<pre>${escapeHtml(this.#plainText())}</pre>`;
  }

  /** A value for machines: a colour, an address, a name. Its failure is told by {@link withProblems}. */
  value(field: string, template: string, fallback = ""): string {
    const { templates } = this.#context;
    const text = this.#expand(field, template, (source) => templates.text(source, this.#notification.data));
    if (text === undefined) this.#untold.push(this.#problems.at(-1) ?? field);
    return text ?? fallback;
  }

  /** A value without which nothing can be sent (an address, a key); the error does not show the template. */
  required(field: string, template: string): string {
    const { templates } = this.#context;
    const problem = `the template of ${field} cannot be expanded`;
    const text = this.#expand(field, template, (source) => templates.text(source, this.#notification.data), problem);
    if (text === undefined) throw new DeliveryError(problem, { isRetryable: false, reason: "other" });
    return text;
  }

  /** The main text, and below it which values failed; called once, after all values. */
  withProblems(text: string): string {
    const untold = this.#untold;
    this.#untold = [];
    return [text, ...untold].filter((line) => line !== "").join("\n");
  }

  #expand(field: string, template: string, run: (template: string) => string, problem?: string): string | undefined {
    if (!template.includes("{{")) return template;
    try {
      return run(template);
    } catch (error) {
      this.#report(field, error, problem);
      return undefined;
    }
  }

  /** With a `problem` given, the error's own text (parts of a secret's template) stays out of the log too. */
  #report(field: string, error: unknown, problem: string | undefined): void {
    const said = `the template of ${field} cannot be expanded: ${truncateRunes(messageOf(error), MAX_ERROR_RUNES)}`;
    const told = problem ?? said;
    this.#problems.push(told);
    const { receiver, groupKey } = this.#notification;
    this.#context.logger.warn(
      { integration: this.#integration, receiver, groupKey, field, reason: told },
      "a template of a notification cannot be expanded",
    );
    this.#context.onTemplateFailure(this.#integration);
  }

  #plainText(): string {
    const { data } = this.#notification;
    return [plainSubject(data), this.#problems.at(-1) ?? "", plainAlertList(data)].join("\n");
  }
}
