export { basicCredentials, type RequestHeaders } from "./credential-headers.ts";
export { type HttpAnswer, HttpClient, type HttpClientOptions } from "./http-client.ts";
export { HttpClientError, type HttpClientFailureReason } from "./http-client-error.ts";
export type { HttpRequest } from "./http-request.ts";
export type { Environment } from "./proxy-selector.ts";
export { secretText } from "./secret-file.ts";
export { tlsOptions, type TlsClientOptions } from "./tls-options.ts";
