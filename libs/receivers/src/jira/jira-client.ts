import type { JiraConfig } from "@monotreme/alertmanager-config";

import { DeliveryError } from "../delivery-error.ts";
import type { GoJsonValue } from "../delivery/go-json.ts";
import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";
import { ServiceClient, type ServiceRequest } from "../delivery/service-client.ts";
import type { IntegrationContext } from "../integration.ts";
import { searchUrl } from "./jira-search.ts";

/** An issue that a search has found. */
export interface JiraIssue {
  readonly key: string;
  /** Undefined where the answer does not say. */
  readonly isDone: boolean | undefined;
}

/** The part of Jira's REST API that issues of alerts need. */
export class JiraClient {
  readonly #config: JiraConfig;
  readonly #client: ServiceClient;

  constructor(config: JiraConfig, context: IntegrationContext) {
    this.#config = config;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  /** The first of the issues that match, in the query's order. */
  async search(jql: string, signal: AbortSignal): Promise<JiraIssue | undefined> {
    const json = { fields: ["status"], jql, maxResults: 2 };
    const answer = await this.#ask({ url: searchUrl(this.#config), json, signal });
    const [first] = objectsOf(answer["issues"]);
    const key = textMember(first, "key");
    if (first === undefined || key === "") return undefined;
    const category = memberOf(memberOf(memberOf(first, "fields"), "status"), "statusCategory");
    const state = textMember(category, "key");
    return { key, isDone: state === "" ? undefined : state === "done" };
  }

  async create(issue: GoJsonValue, signal: AbortSignal): Promise<void> {
    await this.#send({ method: "POST", url: this.#url("issue"), json: issue, signal });
  }

  async update(key: string, issue: GoJsonValue, signal: AbortSignal): Promise<void> {
    await this.#send({ method: "PUT", url: this.#url(`issue/${encodeURIComponent(key)}`), json: issue, signal });
  }

  /** The id of a transition that the issue's state offers now. */
  async transitionId(key: string, name: string, signal: AbortSignal): Promise<string | undefined> {
    const answer = await this.#ask({ method: "GET", url: this.#transitionsUrl(key), signal });
    const found = objectsOf(answer["transitions"]).find((transition) => transition["name"] === name);
    return found === undefined ? undefined : textMember(found, "id");
  }

  async transition(key: string, id: string, signal: AbortSignal): Promise<void> {
    await this.#send({ method: "POST", url: this.#transitionsUrl(key), json: { transition: { id } }, signal });
  }

  close(): void {
    this.#client.close();
  }

  async #ask(request: ServiceRequest): Promise<Readonly<Record<string, unknown>>> {
    const json = parseJsonObject(await this.#send(request));
    if (json === undefined)
      throw new DeliveryError("Jira's answer is no JSON", { isRetryable: false, reason: "other" });
    return json;
  }

  async #send(request: ServiceRequest): Promise<string> {
    const headers = { "content-type": "application/json", "accept-language": "en" };
    const answer = await this.#client.deliver({ ...request, headers });
    return answer.text;
  }

  #transitionsUrl(key: string): string {
    return this.#url(`issue/${encodeURIComponent(key)}/transitions`);
  }

  #url(path: string): string {
    return `${this.#config.apiUrl.replace(/\/+$/, "")}/${path}`;
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function memberOf(object: JsonObject | undefined, name: string): JsonObject | undefined {
  const value = object?.[name];
  return typeof value === "object" && value !== null ? { ...value } : undefined;
}

function objectsOf(value: unknown): JsonObject[] {
  if (!Array.isArray(value)) return [];
  const objects: JsonObject[] = [];
  for (const item of value) {
    if (typeof item === "object" && item !== null) objects.push({ ...item });
  }
  return objects;
}
