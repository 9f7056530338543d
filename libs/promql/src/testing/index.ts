export { runOnEngine } from "./engine-under-test.ts";
export { type MemorySample, MemorySource } from "./memory-source.ts";
export { parseScript } from "./parse-script.ts";
export { type EvaluationReport, type LoadedSamples, type RunQuery, runScript, type ScriptStore } from "./run-script.ts";
export type * from "./script.ts";
export { ScriptError } from "./script-error.ts";
