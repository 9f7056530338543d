import {
  boolean,
  list,
  oneOf,
  optional,
  type Schema,
  shownDefault,
  text,
  withDefault,
} from "@monotreme/prometheus-config";
import { optionalText } from "../sections/field-kinds.ts";
import { freeRecord } from "../sections/free-value.ts";
import { httpIntegrationFields, withGlobalHttp, withHttpClient } from "../sections/http-section.ts";
import { httpUrl, promDuration } from "../sections/scalars.ts";
import { type Decoded, structure } from "../sections/structure.ts";
import { type IntegrationKind, integrationKind } from "./integration-kind.ts";
import type { JiraConfig, JiraField, JiraLabels } from "./jira-config.ts";

/** A field as a mere template, or with whether updates write it again. */
function jiraField(fallback: string): Schema<JiraField> {
  const schema = structure({
    name: "Jira field",
    fields: { template: shownDefault(text, fallback), enable_update: withDefault(boolean, true) },
  });
  return {
    decode: (node) => (node.text === undefined ? schema.decode(node) : { template: node.text, enableUpdate: true }),
    render: (value, mode) => (value.enableUpdate ? value.template : schema.render(value, mode)),
  };
}

const labelList = list(text, "labels");
const labelsSchema = structure({
  name: "Jira labels",
  fields: { values: withDefault(labelList, []), enable_update: withDefault(boolean, true) },
});

/** Labels as a mere list, or with whether updates write them again. */
const jiraLabels: Schema<JiraLabels> = {
  decode: (node) => {
    if (node.items() === undefined) return labelsSchema.decode(node);
    const values = labelList.decode(node);
    return values && { values, enableUpdate: true };
  },
  render: (value, mode) => (value.enableUpdate ? value.values : labelsSchema.render(value, mode)),
};

function standardField(name: string) {
  const template = `{{ template "jira.default.${name}" . }}`;
  return shownDefault(jiraField(template), { template, enableUpdate: true });
}

const schema = structure({
  name: "jira_config",
  fields: {
    ...httpIntegrationFields(true),
    api_url: optional(httpUrl),
    api_type: shownDefault(oneOf(["auto", "cloud", "datacenter"]), "auto"),
    project: optionalText,
    summary: standardField("summary"),
    description: standardField("description"),
    labels: withDefault(jiraLabels, { values: [], enableUpdate: true }),
    priority: shownDefault(text, '{{ template "jira.default.priority" . }}'),
    issue_type: optionalText,
    reopen_transition: optionalText,
    resolve_transition: optionalText,
    wont_fix_resolution: optionalText,
    reopen_duration: withDefault(promDuration, 0),
    fields: withDefault(freeRecord, {}),
  },
  names: { reopen_duration: "reopenDurationMs" },
  check: (section, at) => {
    if (section.project === "") at("project").fault("missing project in jira_config");
    if (section.issue_type === "") at("issue_type").fault("missing issue_type in jira_config");
  },
});

type JiraSection = Decoded<typeof schema>;

/** How entries of `jira_configs` are read. */
export const jiraKind: IntegrationKind<JiraSection, JiraConfig> = integrationKind({
  schema,
  complete: (section, global, fault) => {
    const apiUrl = section.apiUrl ?? global.jiraApiUrl;
    if (apiUrl === undefined) fault("no global Jira Cloud URL set");
    return { ...withGlobalHttp(section, global), apiUrl };
  },
  configFrom: (section) => ({ ...withHttpClient(section), apiUrl: section.apiUrl ?? "" }),
});
