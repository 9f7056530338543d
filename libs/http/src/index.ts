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
export type { Admission, ListenerSecurity, ListenerTls } from "./listener-security.ts";
export { externalUrlOf, routePrefixOf, type WebLocationFlags } from "./web-location.ts";
