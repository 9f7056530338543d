export type { MissingKey } from "./execute/read-field.ts";
export { createNotificationFunctions, type NotificationFunctionOptions } from "./functions/notification-functions.ts";
export { DEFAULT_LIMITS, type TemplateLimits } from "./limits.ts";
export {
  checkRuleTemplate,
  expandRuleTemplate,
  RuleTemplates,
  type RuleTemplateInput,
} from "./rules/expand-rule-template.ts";
export type { QuerySample, TemplateQuery } from "./rules/query-sample.ts";
export { createRuleFunctions, type RuleFunctionOptions } from "./rules/rule-functions.ts";
export {
  TemplateExecuteError,
  TemplateFunctionError,
  TemplateLimitError,
  TemplateParseError,
} from "./template-error.ts";
export { type TemplateFunctions, type TemplateKind, TemplateSet, type TemplateSetOptions } from "./template-set.ts";
export { DURATION, formatGoDuration, GoDuration } from "./time/go-duration.ts";
export { GoTime, TIME } from "./time/go-time.ts";
export { loadZone, UTC, type Zone } from "./time/zone.ts";
export {
  type CallContext,
  goFunction,
  GoFunction,
  goVariadic,
  type ParameterType,
} from "./value/go-function.ts";
export {
  GoMap,
  goMap,
  type GoMapOptions,
  type GoMethods,
  GoObject,
  GoSlice,
  goSlice,
  type GoSliceOptions,
  GoStruct,
  goStruct,
  type GoStructOptions,
} from "./value/go-object.ts";
export { GoInteger, SafeContent, type SafeKind } from "./value/go-scalars.ts";
export type { GoValue, TemplateValue } from "./value/go-value.ts";
export { ANY, BOOL, FLOAT, INT, STRING, STRINGS, VALUES } from "./value/parameter-types.ts";
export { toGoValue } from "./value/to-go-value.ts";
