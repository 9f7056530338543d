export { GATEWAY_FLAGS, GATEWAY_LIMIT_FLAGS } from "./config.ts";
export { gatewayRoutes, type GatewayRoutesOptions } from "./routes/gateway-routes.ts";
export { startGateway } from "./service.ts";
