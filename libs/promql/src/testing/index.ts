export { runOnEngine } from "./engine-under-test.ts";
export { type MemorySample, MemorySource } from "./memory-source.ts";
export { parseScript } from "./parse-script.ts";
export { type EvaluationReport, type RunQuery, runScript } from "./run-script.ts";
export type * from "./script.ts";
export { ScriptError } from "./script-error.ts";
