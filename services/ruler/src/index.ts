export { RULER_FLAGS, RULER_LIMIT_FLAGS } from "./config.ts";
export { type CheckedRuleFile, checkRuleFile } from "./groups/check-rule-file.ts";
export { checkRuleObjects } from "./kubernetes/follow-rule-objects.ts";
export { checkRuleFiles, type Ruler, type RulerOptions, startRuling } from "./ruler.ts";
export { startRuler } from "./service.ts";
