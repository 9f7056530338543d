import type { PagerdutyConfig } from "@monotreme/alertmanager-config";
import { type GoJsonValue, goJson, orOmitted } from "../delivery/go-json.ts";
import type { Notification } from "../notification.ts";
import { expandFreeValue } from "../templates/expand-free-value.ts";
import type { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

const MAX_SUMMARY_RUNES = 1024;
/** PagerDuty's limit of an event. */
const MAX_EVENT_BYTES = 512_000;

type Details = ReadonlyMap<string, GoJsonValue>;

/** An event of version 2, its details left out where it would be too large. */
export function eventV2(
  notification: Notification,
  config: PagerdutyConfig,
  routingKey: string,
  expander: MessageExpander,
): GoJsonValue {
  const { client, clientUrl, severity, source } = config;
  const values = {
    client: expander.value("client", client),
    clientUrl: expander.value("client_url", clientUrl),
    source: expander.value("source", source === "" ? client : source),
    severity: expander.value("severity", severity === "" ? "error" : severity, "error"),
    class: expander.value("class", config.class),
    component: expander.value("component", config.component),
    group: expander.value("group", config.group),
    images: imagesOf(config, expander),
    links: linksOf(config, expander),
  };
  const details = detailsOf(config, expander);
  const summary = summaryOf(config, expander);
  return withinLimit(details, (shown) => ({
    routing_key: routingKey,
    dedup_key: notification.groupKeyHash,
    event_action: eventAction(notification),
    payload: {
      summary,
      source: values.source,
      severity: values.severity,
      class: orOmitted(values.class),
      component: orOmitted(values.component),
      group: orOmitted(values.group),
      custom_details: shown.size === 0 ? undefined : shown,
    },
    client: orOmitted(values.client),
    client_url: orOmitted(values.clientUrl),
    images: orOmitted(values.images),
    links: orOmitted(values.links),
  }));
}

/** An event of version 1, with the two empty members that upstream sends. */
export function eventV1(
  notification: Notification,
  config: PagerdutyConfig,
  serviceKey: string,
  expander: MessageExpander,
): GoJsonValue {
  const isTrigger = eventAction(notification) === "trigger";
  const client = isTrigger ? expander.value("client", config.client) : "";
  const clientUrl = isTrigger ? expander.value("client_url", config.clientUrl) : "";
  const details = detailsOf(config, expander);
  const description = summaryOf(config, expander);
  return withinLimit(details, (shown) => ({
    service_key: serviceKey,
    incident_key: notification.groupKeyHash,
    event_type: eventAction(notification),
    description: orOmitted(description),
    event_action: "",
    payload: null,
    client: orOmitted(client),
    client_url: orOmitted(clientUrl),
    details: shown.size === 0 ? undefined : shown,
  }));
}

function eventAction(notification: Notification): "trigger" | "resolve" {
  return notification.data.status === "firing" ? "trigger" : "resolve";
}

function summaryOf(config: PagerdutyConfig, expander: MessageExpander): string {
  return truncateRunes(expander.withProblems(expander.line("description", config.description)), MAX_SUMMARY_RUNES);
}

function detailsOf(config: PagerdutyConfig, expander: MessageExpander): Details {
  return new Map(
    Object.entries(config.details).map(([name, value]) => [name, expandFreeValue(`details.${name}`, value, expander)]),
  );
}

function imagesOf(config: PagerdutyConfig, expander: MessageExpander): readonly GoJsonValue[] {
  return config.images
    .map(({ src, alt, href }) => ({
      src: expander.value("images.src", src),
      alt: expander.value("images.alt", alt),
      href: expander.value("images.href", href),
    }))
    .filter(({ src }) => src !== "");
}

function linksOf(config: PagerdutyConfig, expander: MessageExpander): readonly GoJsonValue[] {
  return config.links
    .map(({ href, text }) => ({
      href: expander.value("links.href", href),
      text: expander.value("links.text", text),
    }))
    .filter(({ href }) => href !== "");
}

function withinLimit(details: Details, eventOf: (details: Details) => GoJsonValue): GoJsonValue {
  const event = eventOf(details);
  if (Buffer.byteLength(goJson(event)) < MAX_EVENT_BYTES) return event;
  return eventOf(new Map([["error", "the details are left out because the event was larger than 512 kB"]]));
}
