import { createHash } from "node:crypto";
import { discoveryFromSection } from "./discovery-config.ts";
import { httpClientFromSection } from "./http-client-config.ts";
import type { AlertingConfig, AlertmanagerTargetConfig } from "./prometheus-config.ts";
import { type AlertingSection, type AlertmanagerSection, alertmanagerSection } from "./sections/alerting-section.ts";
import { NO_DISCOVERY } from "./sections/discovery-section.ts";

/** The typed form of the `alerting` section; without one nothing is sent anywhere. */
export function alertingConfigFromSection(section: AlertingSection | undefined): AlertingConfig {
  return {
    alertRelabelConfigs: section?.alert_relabel_configs ?? [],
    alertmanagers: (section?.alertmanagers ?? []).map(({ value }) => alertmanagerFromSection(value)),
  };
}

function alertmanagerFromSection(section: AlertmanagerSection): AlertmanagerTargetConfig {
  return {
    fingerprint: fingerprintOf(section),
    scheme: section.scheme,
    pathPrefix: section.path_prefix,
    timeoutMs: section.timeout,
    http: httpClientFromSection(section),
    discovery: discoveryFromSection(section),
    relabelConfigs: section.relabel_configs,
    alertRelabelConfigs: section.alert_relabel_configs,
  };
}

/** A hash that reveals no secret. */
function fingerprintOf(section: AlertmanagerSection): string {
  const withoutDiscovery = { ...section, ...NO_DISCOVERY };
  return createHash("sha256")
    .update(JSON.stringify(alertmanagerSection.render(withoutDiscovery, "revealed")))
    .digest("hex");
}
