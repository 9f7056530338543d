export { type ParsedRetentionPolicy, parseRetentionPolicy, type RetentionDefaults } from "./parse-retention-policy.ts";
export { DEFAULT_CLASS, DEFAULT_RETENTION, type RetentionClass, type RetentionTimes } from "./retention-class.ts";
export { type RetentionFlags, RetentionPolicies } from "./retention-policies.ts";
export { horizonOf, RetentionPolicy, type RetentionPolicyOptions } from "./retention-policy.ts";
export { MOVED_KINDS, type MovedKind, type MoveRule, type S3Volume, type Tiers, type Volume } from "./tiers.ts";
export { loadTiers, parseTiers, type ReadSecretFile } from "./tiers-file.ts";
