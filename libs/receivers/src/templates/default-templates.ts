/**
 * The default texts of all integrations under upstream's names, so that users' templates can call or replace them. The
 * first ones are what all others are made of. Those of ntfy are empty: then the integration writes its own texts.
 */
export const DEFAULT_TEMPLATES = `
{{ define "__alertmanager" }}Alertmanager{{ end }}
{{ define "__alertmanagerURL" }}{{ printf "%s/#/alerts?receiver=%s" .ExternalURL (.Receiver | urlquery) }}{{ end }}

{{ define "__subject" -}}
  {{- $count := "" -}}
  {{- if eq .Status "firing" }}{{ $count = len .Alerts.Firing | printf ":%d" }}{{ end -}}
  [{{ .Status | toUpper }}{{ $count }}]
  {{- with .GroupLabels }} {{ .Values | join " " }}{{ end }}
  {{- with .CommonLabels.Remove .GroupLabels.Names }} ({{ .Values | join " " }}){{ end }}
{{- end }}

{{ define "__description" }}{{ end }}

{{ define "__text_alert_list" -}}
  {{ range $alert := . -}}
    {{ "Labels:\\n" }}
    {{- range $alert.Labels.SortedPairs }} - {{ .Name }} = {{ .Value }}{{ "\\n" }}{{ end -}}
    {{ "Annotations:\\n" }}
    {{- range $alert.Annotations.SortedPairs }} - {{ .Name }} = {{ .Value }}{{ "\\n" }}{{ end -}}
    Source: {{ $alert.GeneratorURL }}{{ "\\n" }}
  {{- end }}
{{- end }}

{{ define "__text_alert_list_markdown" -}}
  {{ range $alert := . -}}
    {{ "\\nLabels:\\n" }}
    {{- range $alert.Labels.SortedPairs }}  - {{ .Name }} = {{ .Value }}{{ "\\n" }}{{ end -}}
    {{ "\\nAnnotations:\\n" }}
    {{- range $alert.Annotations.SortedPairs }}  - {{ .Name }} = {{ .Value }}{{ "\\n" }}{{ end -}}
    {{ "\\n" }}Source: {{ $alert.GeneratorURL }}{{ "\\n" }}
  {{- end }}
{{- end }}

{{ define "__text_sections" -}}
  {{- with .Alerts.Firing }}Alerts Firing:
{{ template "__text_alert_list" . }}{{ end }}
  {{- with .Alerts.Resolved }}Alerts Resolved:
{{ template "__text_alert_list" . }}{{ end }}
{{- end }}

{{ define "__markdown_sections" -}}
  {{- with .Alerts.Firing }}# Alerts Firing:
{{ template "__text_alert_list_markdown" . }}{{ end }}
  {{- with .Alerts.Resolved }}# Alerts Resolved:
{{ template "__text_alert_list_markdown" . }}{{ end }}
{{- end }}

{{ define "__annotations_and_sections" -}}
  {{- .CommonAnnotations.SortedPairs.Values | join " " }}
{{ template "__text_sections" . }}
{{- end }}

{{ define "slack.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "slack.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "slack.default.title" . }} | {{ template "slack.default.titlelink" . }}{{ end }}
{{ define "slack.default.callbackid" }}{{ end }}
{{ define "slack.default.pretext" }}{{ end }}
{{ define "slack.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "slack.default.iconemoji" }}{{ end }}
{{ define "slack.default.iconurl" }}{{ end }}
{{ define "slack.default.text" }}{{ end }}
{{ define "slack.default.footer" }}{{ end }}

{{ define "pagerduty.default.description" }}{{ template "__subject" . }}{{ end }}
{{ define "pagerduty.default.client" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "pagerduty.default.clientURL" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "pagerduty.default.instances" }}{{ template "__text_alert_list" . }}{{ end }}

{{ define "opsgenie.default.message" }}{{ template "__subject" . }}{{ end }}
{{ define "opsgenie.default.description" }}{{ template "__annotations_and_sections" . }}{{ end }}
{{ define "opsgenie.default.source" }}{{ template "__alertmanagerURL" . }}{{ end }}

{{ define "wechat.default.message" }}{{ template "__subject" . }}
{{ template "__annotations_and_sections" . }}AlertmanagerUrl:
{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "wechat.default.to_user" }}{{ end }}
{{ define "wechat.default.to_party" }}{{ end }}
{{ define "wechat.default.to_tag" }}{{ end }}
{{ define "wechat.default.agent_id" }}{{ end }}

{{ define "victorops.default.state_message" }}{{ template "__annotations_and_sections" . }}{{ end }}
{{ define "victorops.default.entity_display_name" }}{{ template "__subject" . }}{{ end }}
{{ define "victorops.default.monitoring_tool" }}{{ template "__alertmanager" . }}{{ end }}

{{ define "pushover.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "pushover.default.message" }}{{ template "__annotations_and_sections" . }}{{ end }}
{{ define "pushover.default.url" }}{{ template "__alertmanagerURL" . }}{{ end }}

{{ define "sns.default.subject" }}{{ template "__subject" . }}{{ end }}
{{ define "sns.default.message" }}{{ template "__annotations_and_sections" . }}{{ end }}

{{ define "telegram.default.message" }}{{ template "__text_sections" . }}{{ end }}

{{ define "discord.default.content" }}{{ end }}
{{ define "discord.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "discord.default.message" }}{{ template "__text_sections" . }}{{ end }}

{{ define "webex.default.message" }}{{ template "__subject" . }}
{{ template "__text_sections" . }}{{ end }}

{{ define "msteams.default.summary" }}{{ template "__subject" . }}{{ end }}
{{ define "msteams.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "msteams.default.text" }}{{ template "__markdown_sections" . }}{{ end }}

{{ define "msteamsv2.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "msteamsv2.default.text" }}{{ template "__markdown_sections" . }}{{ end }}

{{ define "jira.default.summary" }}{{ template "__subject" . }}{{ end }}
{{ define "jira.default.description" }}{{ template "__markdown_sections" . }}{{ end }}
{{ define "jira.default.priority" -}}
  {{- $severities := "" -}}
  {{- range .Alerts.Firing }}{{ $severities = print $severities " " .Labels.severity " " }}{{ end -}}
  {{- if match " critical " $severities }}High{{ else if match " warning " $severities }}Medium
  {{- else if match " info " $severities }}Low{{ end -}}
{{- end }}

{{ define "rocketchat.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "rocketchat.default.alias" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "rocketchat.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "rocketchat.default.emoji" }}{{ end }}
{{ define "rocketchat.default.iconurl" }}{{ end }}
{{ define "rocketchat.default.text" }}{{ end }}

{{ define "mattermost.default.title" }}{{ template "__subject" . }}{{ end }}
{{ define "mattermost.default.titlelink" }}{{ template "__alertmanagerURL" . }}{{ end }}
{{ define "mattermost.default.fallback" }}{{ template "__subject" . }} | {{ template "__alertmanagerURL" . }}{{ end }}
{{ define "mattermost.default.username" }}{{ template "__alertmanager" . }}{{ end }}
{{ define "mattermost.default.color" }}{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}{{ end }}
{{ define "mattermost.default.text" }}{{ template "__markdown_sections" . }}{{ end }}

{{ define "ntfy.default.title" }}{{ end }}
{{ define "ntfy.default.message" }}{{ end }}
{{ define "ntfy.default.priority" }}{{ end }}
{{ define "ntfy.default.tags" }}{{ end }}
{{ define "ntfy.default.click" }}{{ end }}
`;
