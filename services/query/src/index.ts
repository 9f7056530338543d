export { createStorageAdministration, type StorageAdministration } from "./administration/storage-administration.ts";
export { QUERY_FLAGS, QUERY_LIMIT_FLAGS } from "./config.ts";
export { QueryLog } from "./execution/query-log.ts";
export { createQueryStorage, type QueryStorage } from "./execution/query-storage.ts";
export { queryRoutes, type QueryRoutesOptions } from "./routes/query-routes.ts";
export type { ServerInfo } from "./server-info.ts";
export { startQuery } from "./service.ts";
export { createTargetDirectory, type TargetDirectory } from "./targets/target-directory.ts";
