import { createNotificationFunctions, TemplateSet, type TemplateKind } from "@monotreme/go-template";
import type { NotificationData } from "./notification.ts";
import { DEFAULT_TEMPLATES } from "./templates/default-templates.ts";
import { EMAIL_TEMPLATE } from "./templates/email-template.ts";
import { templateData } from "./templates/template-data.ts";

/** The default templates and the user's, as integrations run them; throws what the template engine throws. */
export interface NotificationTemplates {
  /** Expands a text in which all defined templates can be called. */
  text(text: string, data: NotificationData): string;
  /** The same with the escaping of HTML. */
  html(text: string, data: NotificationData): string;
}

/** A template file of the user's, with the name that error messages give it. */
export interface TemplateFile {
  readonly name: string;
  readonly text: string;
}

/** The default templates and then the files, whose definitions win. Throws `TemplateParseError` for a broken file. */
export function createNotificationTemplates(
  files: readonly TemplateFile[],
  options: { now(): number },
): NotificationTemplates {
  let current: NotificationData | undefined;
  const set = new TemplateSet({
    functions: createNotificationFunctions({
      now: () => options.now(),
      routeLabels: (name) => current?.routeLabels[name] ?? "",
    }),
    missingKey: "zero",
  });
  set.parse("default.tmpl", DEFAULT_TEMPLATES);
  set.parse("email.tmpl", EMAIL_TEMPLATE);
  for (const { name, text } of files) set.parse(name, text);
  const run = (text: string, data: NotificationData, kind: TemplateKind): string => {
    // Templates run to their end before anything else does, so one place for "the route in force" is enough.
    current = data;
    return set.executeText(text, templateData(data), kind);
  };
  return {
    text: (text, data) => run(text, data, "text"),
    html: (text, data) => run(text, data, "html"),
  };
}
