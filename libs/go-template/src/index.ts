export type { MissingKey } from "./execute/read-field.ts";
export { DEFAULT_LIMITS, type TemplateLimits } from "./limits.ts";
export {
  TemplateExecuteError,
  TemplateFunctionError,
  TemplateLimitError,
  TemplateParseError,
} from "./template-error.ts";
export { type TemplateFunctions, type TemplateKind, TemplateSet, type TemplateSetOptions } from "./template-set.ts";
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
