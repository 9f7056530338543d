export {
  ALERTMANAGER_FLAGS,
  ALERTMANAGER_ROLE_FLAGS,
  ALERTMANAGER_SIDE_FLAGS,
  type AlertmanagerValues,
  alertmanagerValuesFrom,
} from "./config.ts";
export { type CheckedConfiguration, checkConfiguration } from "./configuration/check-configuration.ts";
export {
  type AlertmanagerRole,
  type AlertmanagerServers,
  prepareAlertmanager,
  type PreparedAlertmanager,
  startAlertmanagerRole,
} from "./start-role.ts";
