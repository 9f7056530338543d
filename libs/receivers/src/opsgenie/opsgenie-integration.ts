import type { OpsgenieConfig, OpsgenieResponder } from "@monotreme/alertmanager-config";

import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient, type ServiceRequest } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { truncateRunes } from "../truncate-text.ts";

/** Opsgenie's bound of an alert's message, in characters. */
const MAX_MESSAGE_RUNES = 130;

type Call = Pick<ServiceRequest, "method" | "url" | "json">;

/** Keeps one alert in Opsgenie for each group: created by alias, closed by alias when all is resolved. */
export class OpsgenieIntegration implements Integration {
  readonly name = "opsgenie";
  readonly #config: OpsgenieConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;

  constructor(config: OpsgenieConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const key = await readSecret(this.#config.apiKey, this.#config.apiKeyFile);
    const apiKey = expander.required("api_key", key).trim();
    const calls =
      notification.data.status === "resolved"
        ? [this.#close(notification, expander)]
        : this.#create(notification, expander);
    for (const call of calls) {
      const headers = { authorization: `GenieKey ${apiKey}` };
      await this.#client.deliver({ ...call, headers, signal, secrets: [apiKey] });
    }
    return {};
  }

  close(): void {
    this.#client.close();
  }

  #close(notification: Notification, expander: MessageExpander): Call {
    const json = { source: expander.value("source", this.#config.source) };
    return { url: this.#url(`/${notification.groupKeyHash}/close?identifierType=alias`), json };
  }

  /** The alert, and where updates are wanted its message and description again: creating does not change them. */
  #create(notification: Notification, expander: MessageExpander): Call[] {
    const config = this.#config;
    const alias = notification.groupKeyHash;
    const fields = this.#fields(notification, expander);
    const message = truncateRunes(expander.line("message", config.message), MAX_MESSAGE_RUNES);
    const description = expander.withProblems(expander.text("description", config.description));
    const create: Call = {
      url: this.#url(""),
      json: { alias, message, description: orOmitted(description), ...fields },
    };
    if (!config.updateAlerts) return [create];
    return [
      create,
      {
        method: "PUT",
        url: this.#url(`/${alias}/message?identifierType=alias`),
        json: { message: orOmitted(message) },
      },
      {
        method: "PUT",
        url: this.#url(`/${alias}/description?identifierType=alias`),
        json: { description: orOmitted(description) },
      },
    ];
  }

  #fields(notification: Notification, expander: MessageExpander): Readonly<Record<string, GoJsonValue>> {
    const config = this.#config;
    const details = new Map(Object.entries(notification.data.commonLabels));
    for (const [name, text] of Object.entries(config.details)) {
      details.set(name, expander.value(`details.${name}`, text));
    }
    return {
      details,
      source: expander.value("source", config.source),
      responders: orOmitted(config.responders.flatMap((responder) => expandResponder(responder, expander))),
      tags: orOmitted(splitList(expander.value("tags", config.tags))),
      note: orOmitted(expander.value("note", config.note)),
      priority: orOmitted(expander.value("priority", config.priority)),
      entity: orOmitted(expander.value("entity", config.entity)),
      actions: orOmitted(splitList(expander.value("actions", config.actions))),
    };
  }

  #url(rest: string): string {
    return `${this.#config.apiUrl.replace(/\/*$/, "/")}v2/alerts${rest}`;
  }
}

/** A responder of type `teams` stands for several; one whose names all came out empty is left out. */
function expandResponder(responder: OpsgenieResponder, expander: MessageExpander): GoJsonValue[] {
  const id = expander.value("responders.id", responder.id);
  const name = expander.value("responders.name", responder.name);
  const username = expander.value("responders.username", responder.username);
  const type = expander.value("responders.type", responder.type);
  if (type === "teams") return splitList(name).map((team) => ({ name: team, type: "team" }));
  if (id === "" && name === "" && username === "") return [];
  return [{ id: orOmitted(id), name: orOmitted(name), username: orOmitted(username), type }];
}

function splitList(text: string): string[] {
  return text
    .trim()
    .split(",")
    .filter((item) => item !== "");
}
