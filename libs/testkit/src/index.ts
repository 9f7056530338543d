export { eventually, type EventuallyOptions } from "./eventually.ts";
export { createTemporaryFolder, type TemporaryFolder } from "./temporary-folder.ts";
export { startClickHouse, startNats, startRedis, type TestServer } from "./test-server.ts";
