export {
  DEFAULT_RELABEL_CONFIG,
  isValidLabelName,
  type NameValidationScheme,
  RELABEL_ACTIONS,
  type RelabelAction,
  type RelabelConfig,
  validateRelabelConfig,
} from "./relabel-config.ts";
export { compileRelabelConfigs, RelabelConfigError, RelabelRules } from "./relabel-rules.ts";
