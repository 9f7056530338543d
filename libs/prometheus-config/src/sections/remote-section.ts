import type { ConfigNode } from "../yaml/config-node.ts";
import { list, mapping, optional, record, required, shownDefault, withDefault } from "../yaml/schema.ts";
import { boolean, count, duration, oneOf, text, url } from "../yaml/scalars.ts";
import { checkHttpClient, httpClientFields } from "./http-client-section.ts";
import { opaque } from "./opaque.ts";
import { relabelConfigs } from "./relabel-section.ts";

const queueConfig = mapping({
  name: "queue_config",
  fields: {
    capacity: shownDefault(count, 10_000),
    max_shards: shownDefault(count, 50),
    min_shards: shownDefault(count, 1),
    max_samples_per_send: shownDefault(count, 2000),
    batch_send_deadline: shownDefault(duration, 5000),
    min_backoff: shownDefault(duration, 30),
    max_backoff: shownDefault(duration, 5000),
    retry_on_http_429: withDefault(boolean, false),
    sample_age_limit: withDefault(duration, 0),
  },
});

const metadataConfig = mapping({
  name: "metadata_config",
  fields: {
    send: shownDefault(boolean, true),
    send_interval: shownDefault(duration, 60_000),
    max_samples_per_send: shownDefault(count, 2000),
  },
});

export const remoteWrite = mapping({
  name: "remote_write",
  fields: {
    url: required(url),
    remote_timeout: shownDefault(duration, 30_000),
    headers: withDefault(record(text, "header values", ""), {}),
    write_relabel_configs: withDefault(relabelConfigs, []),
    name: withDefault(text, ""),
    send_exemplars: withDefault(boolean, false),
    send_native_histograms: withDefault(boolean, false),
    round_robin_dns: withDefault(boolean, false),
    protobuf_message: shownDefault(
      oneOf(["prometheus.WriteRequest", "io.prometheus.write.v2.Request"]),
      "prometheus.WriteRequest",
    ),
    ...httpClientFields,
    enable_http2: shownDefault(boolean, false),
    queue_config: optional(queueConfig),
    metadata_config: optional(metadataConfig),
    sigv4: optional(opaque),
    azuread: optional(opaque),
    google_iam: optional(opaque),
  },
  check: (remote, at) => {
    checkHttpClient(remote, at);
    checkHeaders(remote.headers, at("headers"));
    const clouds = (["sigv4", "azuread", "google_iam"] as const).filter((name) => remote[name] !== undefined);
    const ownAuths = (["basic_auth", "authorization", "oauth2"] as const).filter((name) => remote[name] !== undefined);
    if (clouds.length > 0 && clouds.length + ownAuths.length > 1) {
      at(clouds[0]).fault(
        "at most one of basic_auth, authorization, oauth2, sigv4, azuread or google_iam must be configured",
      );
    }
  },
});

export const remoteRead = mapping({
  name: "remote_read",
  fields: {
    url: required(url),
    remote_timeout: shownDefault(duration, 60_000),
    chunked_read_limit: shownDefault(count, 50_000_000),
    headers: withDefault(record(text, "header values", ""), {}),
    read_recent: withDefault(boolean, false),
    name: withDefault(text, ""),
    ...httpClientFields,
    required_matchers: withDefault(record(text, "label values", ""), {}),
    filter_external_labels: shownDefault(boolean, true),
  },
  check: (remote, at) => {
    checkHttpClient(remote, at);
    checkHeaders(remote.headers, at("headers"));
  },
});

export const remoteWrites = list(remoteWrite, "remote_write sections");
export const remoteReads = list(remoteRead, "remote_read sections");

function checkHeaders(headers: Readonly<Record<string, string>>, node: ConfigNode): void {
  for (const name of Object.keys(headers)) {
    if (name.toLowerCase() === "authorization") {
      node.fault("the authorization header must be set by basic_auth, authorization or oauth2");
    }
  }
}
