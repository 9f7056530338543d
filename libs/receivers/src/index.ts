export { createIntegrations } from "./create-integrations.ts";
export { createNotification, notificationData, withAlerts } from "./create-notification.ts";
export { DeliveryError, type DeliveryErrorOptions, type DeliveryFailureReason } from "./delivery-error.ts";
export type {
  ConfiguredIntegration,
  DeliveryResult,
  Integration,
  IntegrationContext,
  NtfySurroundings,
} from "./integration.ts";
export type {
  Notification,
  NotificationAlert,
  NotificationData,
  NotificationInput,
  NotificationStatus,
} from "./notification.ts";
export {
  createNotificationTemplates,
  type NotificationTemplates,
  type TemplateFile,
} from "./notification-templates.ts";
export type { CreateSilenceToken, SilenceToken, SilenceTokenRequest } from "./ntfy/ntfy-buttons.ts";
export { PushoverIntegration } from "./pushover/pushover-integration.ts";
export { NtfyIntegration } from "./ntfy/ntfy-integration.ts";
export { type NtfyClock, NtfyServers } from "./ntfy/ntfy-server.ts";
