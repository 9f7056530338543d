export { createNotification, withAlerts } from "./create-notification.ts";
export { DeliveryError, type DeliveryErrorOptions, type DeliveryFailureReason } from "./delivery-error.ts";
export type { ConfiguredIntegration, DeliveryResult, Integration, IntegrationContext } from "./integration.ts";
export type {
  Notification,
  NotificationAlert,
  NotificationData,
  NotificationInput,
  NotificationStatus,
} from "./notification.ts";
export type { NotificationTemplates } from "./notification-templates.ts";
