import { loadAlertmanagerConfig, walkRoutes } from "@monotreme/alertmanager-config";
import { createNotificationTemplates } from "@monotreme/receivers";
import { countIntegrations } from "./count-integrations.ts";
import { readTemplateFiles } from "./template-files.ts";

/** What there is in an `alertmanager.yml`. */
export interface CheckedConfiguration {
  readonly routes: number;
  readonly receivers: number;
  readonly integrations: number;
  readonly inhibitRules: number;
  readonly timeIntervals: number;
  readonly templateFiles: number;
  /** What is deprecated or likely a mistake, each as `file:line:column: what`. */
  readonly warnings: readonly string[];
}

/**
 * Reads the files as the alertmanager does, templates included; throws `CONFIG_FILE_INVALID` with every fault, or what
 * is wrong with a template.
 */
export async function checkConfiguration(path: string, ntfyPath: string | undefined): Promise<CheckedConfiguration> {
  const config = await loadAlertmanagerConfig(path, { ntfyPath });
  const templates = await readTemplateFiles(config.templates);
  createNotificationTemplates(templates, { now: Date.now });
  const { receivers, inhibitRules, timeIntervals, warnings } = config;
  return {
    routes: [...walkRoutes(config.route)].length,
    receivers: receivers.length,
    integrations: countIntegrations(receivers),
    inhibitRules: inhibitRules.length,
    timeIntervals: timeIntervals.size,
    templateFiles: templates.length,
    warnings,
  };
}
