import type { NotificationData } from "./notification.ts";

/** The default templates and the user's, as integrations run them; throws what the template engine throws. */
export interface NotificationTemplates {
  /** Expands a text in which all defined templates can be called. */
  text(text: string, data: NotificationData): string;
  /** The same with the escaping of HTML. */
  html(text: string, data: NotificationData): string;
}
