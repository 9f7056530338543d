export { describeFlags } from "./flag-help.ts";
export {
  durationSchema,
  type ListenAddress,
  listenAddressSchema,
  sizeSchema,
  switchSchema,
  textSchema,
  urlSchema,
  wholeNumberSchema,
} from "./flag-schemas.ts";
export {
  environmentVariableOf,
  type Flag,
  type FlagSet,
  type FlagValues,
  flag,
  optionalFlag,
  switchFlag,
} from "./flags.ts";
export { type CommandLine, FlagError, givenText, givenTexts, type ParsedFlags, parseFlags } from "./parse-flags.ts";
export { processCommandLine } from "./process-command-line.ts";
export {
  CLICKHOUSE_FLAGS,
  DATABASE_FLAGS,
  LIMITS_FILE_FLAG,
  listenAddressFlag,
  NATS_FLAGS,
  STREAM_FLAGS,
  WEB_LOCATION_FLAGS,
} from "./shared-flags.ts";
export { type UnknownVariable, unknownVariables } from "./unknown-variables.ts";
