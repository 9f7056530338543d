export {
  type AppOptions,
  createApp,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  sendError,
  successEnvelope,
} from "./create-app.ts";
export { HttpListener, ListenError, type ListenOptions } from "./http-listener.ts";
export { externalUrlOf, routePrefixOf, type WebLocationFlags } from "./web-location.ts";
