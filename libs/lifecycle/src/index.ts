export { PROCESS_FLAGS, runService, type ServiceDefinition } from "./run-service.ts";
export { type Resource, ServiceScope } from "./service-scope.ts";
