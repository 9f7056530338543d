import { checkConfiguration } from "@monotreme/alertmanager";
import { checkRuleFile } from "@monotreme/ruler";
import { loadWebConfig } from "@monotreme/web-config";
import { brokenFile, counted, type FileReport } from "./file-report.ts";

/** A rule file, as the ruler reads it with these features. */
export async function checkRules(path: string, features: string): Promise<FileReport> {
  try {
    const { rules, groups, warnings } = await checkRuleFile(path, features);
    return { path, found: [`${counted(rules, "rule")} found in ${counted(groups, "group")}`], warnings, faults: [] };
  } catch (error) {
    return brokenFile(path, error);
  }
}

/** An `alertmanager.yml` with its templates and the ntfy side file. */
export async function checkAlertmanager(path: string, ntfyPath: string | undefined): Promise<FileReport> {
  try {
    const checked = await checkConfiguration(path, ntfyPath);
    const found = [
      counted(checked.routes, "route"),
      `${counted(checked.receivers, "receiver")} with ${counted(checked.integrations, "integration")}`,
      counted(checked.inhibitRules, "inhibit rule"),
      counted(checked.timeIntervals, "time interval"),
      counted(checked.templateFiles, "template file"),
    ];
    return { path, found, warnings: checked.warnings, faults: [] };
  } catch (error) {
    return brokenFile(path, error);
  }
}

/** A file of `--web.config.file`, its certificates and keys read and tried. */
export async function checkWeb(path: string): Promise<FileReport> {
  try {
    const { config, tlsOptions } = await loadWebConfig(path);
    const tls = tlsOptions === undefined ? "no TLS: HTTP in plain text" : `TLS, ${config.tls?.clientAuthType ?? ""}`;
    const users =
      config.users.size === 0 ? "no users: nobody is asked for a password" : counted(config.users.size, "user");
    return { path, found: [tls, users], warnings: config.warnings, faults: [] };
  } catch (error) {
    return brokenFile(path, error);
  }
}
