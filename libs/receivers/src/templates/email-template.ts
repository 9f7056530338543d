/** The default mail: a table with what fires and what is resolved, readable without its styles. */
export const EMAIL_TEMPLATE = `
{{ define "email.default.subject" }}{{ template "__subject" . }}{{ end }}

{{ define "__email_pairs" -}}
<table role="presentation" cellpadding="0" cellspacing="0" style="font-size: 14px; color: #222;">
{{- range .SortedPairs }}
<tr><td style="padding: 1px 12px 1px 0; color: #666; vertical-align: top;">{{ .Name }}</td><td style="padding: 1px 0;">{{ .Value }}</td></tr>
{{- end }}
</table>
{{- end }}

{{ define "__email_alert" -}}
<tr><td style="padding: 12px 24px; border-top: 1px solid #e4e4e4;">
<p style="margin: 0 0 4px; font-weight: bold;">Labels</p>
{{ template "__email_pairs" .Labels }}
{{- if .Annotations }}
<p style="margin: 8px 0 4px; font-weight: bold;">Annotations</p>
{{ template "__email_pairs" .Annotations }}
{{- end }}
<p style="margin: 8px 0 0;"><a href="{{ .GeneratorURL }}" style="color: #1f6feb;">Source</a></p>
</td></tr>
{{- end }}

{{ define "email.default.html" -}}
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{{ template "__subject" . }}</title>
</head>
<body style="margin: 0; padding: 24px 8px; background-color: #f4f4f4; font-family: Helvetica, Arial, sans-serif; font-size: 14px; line-height: 1.4;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width: 640px; margin: 0 auto; background-color: #ffffff; border: 1px solid #e4e4e4;">
<tr><td style="padding: 16px 24px; color: #ffffff; font-size: 16px; background-color: {{ if .Alerts.Firing }}#c0392b{{ else }}#27825a{{ end }};">
{{ len .Alerts }} alert{{ if gt (len .Alerts) 1 }}s{{ end }} for{{ range .GroupLabels.SortedPairs }} {{ .Name }}={{ .Value }}{{ end }}
</td></tr>
<tr><td style="padding: 16px 24px;">
<a href="{{ template "__alertmanagerURL" . }}" style="display: inline-block; padding: 8px 16px; color: #ffffff; background-color: #1f6feb; text-decoration: none;">View in {{ template "__alertmanager" . }}</a>
</td></tr>
{{- with .Alerts.Firing }}
<tr><td style="padding: 8px 24px; font-weight: bold;">[{{ len . }}] Firing</td></tr>
{{- range . }}
{{ template "__email_alert" . }}
{{- end }}
{{- end }}
{{- with .Alerts.Resolved }}
<tr><td style="padding: 8px 24px; font-weight: bold;">[{{ len . }}] Resolved</td></tr>
{{- range . }}
{{ template "__email_alert" . }}
{{- end }}
{{- end }}
</table>
<p style="text-align: center; font-size: 12px;"><a href="{{ .ExternalURL }}" style="color: #888888;">Sent by {{ template "__alertmanager" . }}</a></p>
</body>
</html>
{{ end }}
`;
