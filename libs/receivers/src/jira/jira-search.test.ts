import type { JiraConfig } from "@monotreme/alertmanager-config";
import { expect, test } from "vitest";

import { searchQuery, searchUrl } from "./jira-search.ts";

const CONFIG: JiraConfig = {
  sendResolved: true,
  httpConfig: { basicAuth: undefined, authorization: undefined, tls: undefined, followRedirects: true, headers: {} },
  apiUrl: "https://jira.example/rest/api/2",
  apiType: "auto",
  project: "OPS",
  summary: { template: "", enableUpdate: true },
  description: { template: "", enableUpdate: true },
  labels: { values: [], enableUpdate: true },
  priority: "",
  issueType: "Bug",
  reopenTransition: "",
  resolveTransition: "",
  wontFixResolution: "",
  reopenDurationMs: 0,
  fields: {},
};

test("jira search - the cloud has an address of its own", () => {
  const f = (apiType: JiraConfig["apiType"], apiUrl: string, expected: string): void =>
    expect(searchUrl({ ...CONFIG, apiType, apiUrl })).toBe(expected);
  f("auto", "https://x.atlassian.net/rest/api/2/", "https://x.atlassian.net/rest/api/3/search/jql");
  f("auto", "https://x.atlassian.net/rest/api/3", "https://x.atlassian.net/rest/api/3/search/jql");
  f("auto", "https://jira.example/rest/api/2", "https://jira.example/rest/api/2/search");
  f("datacenter", "https://x.atlassian.net/rest/api/2", "https://x.atlassian.net/rest/api/2/search");
  f("cloud", "https://jira.example/rest/api/2", "https://jira.example/rest/api/3/search/jql");
});

test("jira search - resolved issues count only where they may be reopened", () => {
  const f = (config: Partial<JiraConfig>, isFiring: boolean, expected: string): void =>
    expect(searchQuery({ ...CONFIG, ...config }, 'a"b', "ALERT{1}", isFiring)).toBe(
      `${expected} and project="a\\"b" and labels="ALERT{1}" order by status ASC,resolutiondate DESC`,
    );
  const reopens = { reopenTransition: "Reopen", reopenDurationMs: 3_600_000 };
  f(reopens, true, "(resolutiondate is EMPTY OR resolutiondate >= -60m)");
  f(reopens, false, "statusCategory != Done");
  f({ ...reopens, reopenDurationMs: 0 }, true, "statusCategory != Done");
  f({ ...reopens, reopenTransition: "" }, true, "statusCategory != Done");
  f({ wontFixResolution: "No" }, true, 'resolution != "No" and statusCategory != Done');
});
