export { type AlertmanagerOptions, startAlertmanager, type TestAlertmanager } from "./alertmanager.ts";
export { embeddedClickHouseUrl } from "./embedded-click-house-url.ts";
export { embeddedPid } from "./embedded-pid.ts";
export { eventually, type EventuallyOptions } from "./eventually.ts";
export type { NtfyAction, NtfyMessage } from "./ntfy/ntfy-message.ts";
export {
  type NtfyRequest,
  type NtfyServerOptions,
  type ScriptedAnswer,
  startNtfyServer,
  type TestNtfyServer,
} from "./ntfy/ntfy-server.ts";
export { askApi, type InstantSample, queryInstant, queryValue } from "./query-api.ts";
export { RemoteWriteSender, type RemoteWriteSenderOptions } from "./remote-write-sender.ts";
export { type StandaloneOptions, startStandalone, type TestStandalone } from "./standalone.ts";
export { countStoredSamples, type StoredSamples } from "./stored-samples.ts";
export { createTemporaryFolder, type TemporaryFolder } from "./temporary-folder.ts";
export { type ProgramOptions, startProgram, type TestProgram } from "./test-program.ts";
export { startClickHouse, startNats, startRedis, type TestServer } from "./test-server.ts";
