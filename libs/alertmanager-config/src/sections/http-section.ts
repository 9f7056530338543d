import {
  checkHttpClient,
  httpClientFields,
  httpClientFromSection,
  type HttpClientSection,
  mapping,
  optional,
  type Schema,
  shownDefault,
  boolean,
} from "@monotreme/prometheus-config";
import type { HttpClientConfig } from "../receivers/integration-config.ts";
import { defaultsOf } from "./field-kinds.ts";

/** An `http_config`; relative paths in it start at the configuration's folder. */
export const httpSection: Schema<HttpClientSection> = mapping({
  name: "http_config",
  fields: httpClientFields,
  check: checkHttpClient,
});

/** What holds where no `http_config` is given. */
export const DEFAULT_HTTP: HttpClientSection = defaultsOf(httpSection);

/** The fields of every integration that speaks HTTP. */
export function httpIntegrationFields(sendResolved: boolean) {
  return { send_resolved: shownDefault(boolean, sendResolved), http_config: optional(httpSection) };
}

/** A section with the `http_config` of `global` where it has none. */
export function withGlobalHttp<S extends { readonly httpConfig: HttpClientSection | undefined }>(
  section: S,
  global: { readonly httpConfig: HttpClientSection | undefined },
): S {
  return { ...section, httpConfig: section.httpConfig ?? global.httpConfig ?? DEFAULT_HTTP };
}

/** A section with its `http_config` in the form that clients take. */
export function withHttpClient<S extends { readonly httpConfig: HttpClientSection | undefined }>(
  section: S,
): Omit<S, "httpConfig"> & { readonly httpConfig: HttpClientConfig } {
  return { ...section, httpConfig: httpClientFromSection(section.httpConfig ?? DEFAULT_HTTP) };
}

/** Whether a section authenticates by an `Authorization` header of its own; the old `bearer_token` is one. */
export function hasAuthorization(http: HttpClientSection | undefined): boolean {
  return (http?.authorization ?? http?.bearer_token ?? http?.bearer_token_file) !== undefined;
}
