export { embeddedPid } from "./embedded-pid.ts";
export { eventually, type EventuallyOptions } from "./eventually.ts";
export { type StandaloneOptions, startStandalone, type TestStandalone } from "./standalone.ts";
export { createTemporaryFolder, type TemporaryFolder } from "./temporary-folder.ts";
export { startClickHouse, startNats, startRedis, type TestServer } from "./test-server.ts";
