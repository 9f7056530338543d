export { type LifecycleRoutesOptions, lifecycleRoutes } from "./lifecycle-routes.ts";
export { PROCESS_FLAGS, runService, type ServiceDefinition } from "./run-service.ts";
export { type AddressSecurity, type Resource, ServiceScope } from "./service-scope.ts";
