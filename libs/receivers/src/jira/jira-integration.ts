import type { JiraConfig } from "@monotreme/alertmanager-config";

import { DeliveryError } from "../delivery-error.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { JiraClient, type JiraIssue } from "./jira-client.ts";
import { composeIssue, issueLabel } from "./jira-issue.ts";
import { searchQuery } from "./jira-search.ts";

/**
 * Keeps one issue in Jira for each group, found again by a label with the group key's hash: created when it fires,
 * written again as long as it is open, moved on when all is resolved and, if wanted, reopened when it fires again.
 */
export class JiraIntegration implements Integration {
  readonly name = "jira";
  readonly #config: JiraConfig;
  readonly #context: IntegrationContext;
  readonly #client: JiraClient;

  constructor(config: JiraConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new JiraClient(config, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const isFiring = notification.data.status === "firing";
    const expander = new MessageExpander(this.name, notification, this.#context);
    const project = expander.required("project", this.#config.project);
    const label = issueLabel(notification.groupKeyHash);
    const issue = await this.#client.search(searchQuery(this.#config, project, label, isFiring), signal);
    // A group that was resolved before it had an issue needs none.
    if (issue === undefined && !isFiring) return {};
    const body = composeIssue(this.#config, { project, label, isUpdate: issue !== undefined }, expander);
    if (issue === undefined) {
      await this.#client.create(body, signal);
      return {};
    }
    await this.#client.update(issue.key, body, signal);
    await this.#transition(issue, isFiring, signal);
    return {};
  }

  close(): void {
    this.#client.close();
  }

  async #transition(issue: JiraIssue, isFiring: boolean, signal: AbortSignal): Promise<void> {
    if (issue.isDone === undefined || issue.isDone !== isFiring) return;
    const name = isFiring ? this.#config.reopenTransition : this.#config.resolveTransition;
    if (name === "") return;
    const id = await this.#client.transitionId(issue.key, name, signal);
    if (id === undefined) {
      throw new DeliveryError(`issue ${issue.key} has no transition ${JSON.stringify(name)}`, {
        isRetryable: false,
        reason: "clientError",
      });
    }
    await this.#client.transition(issue.key, id, signal);
  }
}
