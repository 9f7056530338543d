export { ALERTMANAGER_FLAGS, ALERTMANAGER_ROLE_FLAGS, ALERTMANAGER_SIDE_FLAGS } from "./config.ts";
export {
  type AlertmanagerRole,
  type AlertmanagerServers,
  type AlertmanagerValues,
  prepareAlertmanager,
  type PreparedAlertmanager,
  startAlertmanagerRole,
} from "./start-role.ts";
