import type { AlertmanagerConfig, Receiver, Route } from "@monotreme/alertmanager-config";
import {
  type ConfiguredIntegration,
  createIntegrations,
  createNotificationTemplates,
  type CreateSilenceToken,
  type NotificationData,
  type NotificationTemplates,
  NtfyServers,
} from "@monotreme/receivers";
import type { Logger } from "@monotreme/telemetry";
import type { LabelSet } from "../alerts/alert.ts";
import type { NotificationMetrics } from "../metrics.ts";
import { readTemplateFiles } from "./template-files.ts";

export interface ReceiverFactoryOptions {
  readonly externalUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly metrics: NotificationMetrics;
  readonly now: () => number;
  readonly createSilenceToken: CreateSilenceToken;
}

/** Builds receivers with the templates of the configuration in force; what ntfy's servers told is kept over reloads. */
export class ReceiverFactory {
  readonly #options: ReceiverFactoryOptions;
  readonly #servers: NtfyServers;
  #templates: NotificationTemplates;

  private constructor(options: ReceiverFactoryOptions, templates: NotificationTemplates) {
    this.#options = options;
    this.#templates = templates;
    this.#servers = new NtfyServers({ now: options.now });
  }

  static async create(config: AlertmanagerConfig, options: ReceiverFactoryOptions): Promise<ReceiverFactory> {
    return new ReceiverFactory(options, await readTemplates(config, options));
  }

  /** Reads the templates of a new configuration; receivers that are built by `apply` have them, unless it throws. */
  async change(config: AlertmanagerConfig, apply: () => void): Promise<void> {
    const before = this.#templates;
    this.#templates = await readTemplates(config, this.#options);
    try {
      apply();
    } catch (error) {
      this.#templates = before;
      throw error;
    }
  }

  integrationsOf(receiver: Receiver): ConfiguredIntegration[] {
    const { externalUrl, environment, logger, metrics, now, createSilenceToken } = this.#options;
    return createIntegrations(receiver, {
      templates: this.#templates,
      externalUrl,
      environment,
      logger,
      now,
      ntfy: { servers: this.#servers, createSilenceToken },
      onTemplateFailure: (integration) => metrics.templateFailures.inc({ integration }),
    });
  }

  /** The labels of a route, which are templates; one that fails stays as it is written. */
  routeLabels(route: Route, data: NotificationData): LabelSet {
    const rendered = Object.entries(route.labels).map(([name, text]) => [name, this.#render(text, data)] as const);
    return Object.fromEntries(rendered);
  }

  #render(text: string, data: NotificationData): string {
    try {
      return this.#templates.text(text, data);
    } catch {
      return text;
    }
  }
}

async function readTemplates(
  config: AlertmanagerConfig,
  { now }: ReceiverFactoryOptions,
): Promise<NotificationTemplates> {
  return createNotificationTemplates(await readTemplateFiles(config.templates), { now });
}
