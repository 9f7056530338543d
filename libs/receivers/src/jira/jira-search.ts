import type { JiraConfig } from "@monotreme/alertmanager-config";

const MINUTE_MS = 60_000;

/**
 * The JQL that finds a group's issue: an open one, and with a reopen transition also one that was resolved within the
 * reopen duration while the group fires again.
 */
export function searchQuery(config: JiraConfig, project: string, label: string, isFiring: boolean): string {
  const { wontFixResolution, reopenTransition, reopenDurationMs } = config;
  const minutes = Math.trunc(reopenDurationMs / MINUTE_MS);
  const mayReopen = isFiring && reopenTransition !== "" && minutes > 0;
  return [
    ...(wontFixResolution === "" ? [] : [`resolution != ${JSON.stringify(wontFixResolution)}`]),
    mayReopen ? `(resolutiondate is EMPTY OR resolutiondate >= -${minutes}m)` : "statusCategory != Done",
    `project=${JSON.stringify(project)}`,
    `labels=${JSON.stringify(label)} order by status ASC,resolutiondate DESC`,
  ].join(" and ");
}

/** Where issues are searched: Jira Cloud has its own address, which is there in version 3 only. */
export function searchUrl(config: JiraConfig): string {
  const base = config.apiUrl.replace(/\/+$/, "");
  const isCloud =
    config.apiType === "cloud" || (config.apiType === "auto" && new URL(base).host.endsWith("atlassian.net"));
  return isCloud ? `${base}/search/jql`.replace("/rest/api/2/", "/rest/api/3/") : `${base}/search`;
}
