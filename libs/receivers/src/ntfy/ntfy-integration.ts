import { createHash } from "node:crypto";

import type { NtfyConfig } from "@monotreme/alertmanager-config";
import { HttpClientError, secretText } from "@monotreme/http-client";

import { withAlerts } from "../create-notification.ts";
import { DeliveryError } from "../delivery-error.ts";
import type { DeliveryResult, Integration } from "../integration.ts";
import type { NotificationTemplates } from "../notification-templates.ts";
import type { Notification } from "../notification.ts";
import { planAlertMessages } from "./alert-messages.ts";
import { composeDraft } from "./compose-draft.ts";
import { DeliveryProgress } from "./delivery-progress.ts";
import type { CreateSilenceToken } from "./ntfy-buttons.ts";
import { NtfyFields } from "./ntfy-fields.ts";
import { type NtfyMemory, readMemory, writeMemory } from "./ntfy-memory.ts";
import { type NtfyHttp, NtfyPublisher } from "./ntfy-publisher.ts";
import type { NtfyServers } from "./ntfy-server.ts";
import { basicAuthorization, type NtfyTarget, parseNtfyAddress, sequenceIdOf } from "./ntfy-target.ts";

const SUMMARY = "summary";

/** What an ntfy integration needs from its surroundings. */
export interface NtfyContext {
  readonly http: NtfyHttp & { close(): void };
  readonly servers: NtfyServers;
  readonly templates: NotificationTemplates;
  /** Missing: buttons open the prefilled form instead of silencing at once. */
  readonly createSilenceToken?: CreateSilenceToken | undefined;
  onTemplateFailure(integration: string): void;
}

/** One delivery on its way. */
interface Delivery {
  readonly publisher: NtfyPublisher;
  readonly target: NtfyTarget;
  readonly signal: AbortSignal;
  readonly key: string;
  memory: NtfyMemory;
}

/**
 * Publishes to ntfy: one message a group or an alert, with what a phone needs to show it right. Later messages of the
 * same group or alert replace the shown one where the server knows sequences (2.16 and later).
 */
export class NtfyIntegration implements Integration {
  readonly name = "ntfy";
  readonly #config: NtfyConfig;
  readonly #context: NtfyContext;
  readonly #progress = new DeliveryProgress();

  constructor(config: NtfyConfig, context: NtfyContext) {
    this.#config = config;
    this.#context = context;
  }

  close(): void {
    this.#context.http.close();
  }

  async send(notification: Notification, outerSignal: AbortSignal): Promise<DeliveryResult> {
    const { timeoutMs, mode } = this.#config;
    const signal = timeoutMs > 0 ? AbortSignal.any([outerSignal, AbortSignal.timeout(timeoutMs)]) : outerSignal;
    try {
      const delivery = await this.#begin(notification, signal);
      await (mode === "alert"
        ? this.#sendAlerts(notification, delivery)
        : this.#show(notification, undefined, delivery));
      this.#progress.forget(delivery.key);
      return { receiverData: writeMemory(delivery.memory) };
    } catch (error) {
      throw deliveryErrorOf(error);
    }
  }

  async #begin(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const config = this.#config;
    const fields = new NtfyFields(this.#context.templates, notification.data);
    const address = fields.render("url", await secretText(config.url, config.urlFile));
    const topic = fields.render("topic", config.topic);
    // The engine's message may repeat the address, which may hold a secret.
    if (fields.failures.length > 0) throw refused("the template of its address or topic failed");
    const target = parseNtfyAddress((address ?? "").replace(/#ntfy$/, ""), topic ?? "");
    const authorization = (await this.#authorization()) ?? target.authorization;
    const identity = createHash("sha256")
      .update(authorization ?? "")
      .digest("hex");
    const server = this.#context.servers.at(target.server, identity, config.rateLimit);
    const publisher = new NtfyPublisher({ http: this.#context.http, server, target, authorization });
    const key = `${notification.groupKeyHash} ${notification.flushMs}`;
    return { publisher, target, signal, key, memory: readMemory(notification.receiverData) };
  }

  /** The header of the side file's token, or of its user; files are read at each use. */
  async #authorization(): Promise<string | undefined> {
    const { token, tokenFile, username, password, passwordFile } = this.#config;
    const secret = await secretText(token, tokenFile);
    if (secret !== "") return `Bearer ${secret}`;
    if (username === "") return undefined;
    return basicAuthorization(username, await secretText(password, passwordFile));
  }

  /**
   * Sends what has changed since the last delivery: alerts that are new, and those that are over. At the repeat interval
   * all are sent again. Where there are too many, one message is about the rest.
   */
  async #sendAlerts(notification: Notification, delivery: Delivery): Promise<void> {
    const { shown, summed } = delivery.memory;
    const plan = planAlertMessages(notification, delivery.memory, this.#config.maxAlerts);
    const nowShown = new Set(shown);
    const nowSummed = new Set(summed);
    for (const alert of plan.single) {
      await this.#once(alert.fingerprint, delivery, () =>
        this.#show(withAlerts(notification, [alert]), alert.fingerprint, delivery),
      );
      if (alert.endsAt === null) nowShown.add(alert.fingerprint);
      else nowShown.delete(alert.fingerprint);
    }
    if (plan.summed.length > 0) {
      await this.#once(SUMMARY, delivery, () => this.#show(withAlerts(notification, plan.summed), undefined, delivery));
      for (const alert of plan.summed) {
        if (alert.endsAt === null) nowSummed.add(alert.fingerprint);
        else nowSummed.delete(alert.fingerprint);
      }
    }
    delivery.memory = { ...delivery.memory, shown: nowShown, summed: nowSummed };
  }

  /** A message that an earlier try of this delivery has sent is not sent again. */
  async #once(message: string, delivery: Delivery, send: () => Promise<void>): Promise<void> {
    if (this.#progress.of(delivery.key).has(message)) return;
    await send();
    this.#progress.note(delivery.key, message);
  }

  async #show(notification: Notification, fingerprint: string | undefined, delivery: Delivery): Promise<void> {
    const isOver = notification.data.status === "resolved";
    const { update, onResolve } = this.#config;
    const { publisher, signal, target } = delivery;
    const sequenceId = sequenceIdOf(notification.receiver, notification.groupKeyHash, fingerprint);
    const canReplace = update && delivery.memory.hasSequences !== false;
    if (isOver && canReplace && (onResolve === "clear" || onResolve === "delete")) {
      if (await publisher.end(onResolve, sequenceId, signal)) return;
      delivery.memory = { ...delivery.memory, hasSequences: false };
    }
    const isReplacing = update && !(isOver && onResolve === "new");
    const address = { topic: target.topic, sequenceId: isReplacing ? sequenceId : undefined };
    const draft = await composeDraft(this.#config, notification, address, {
      templates: this.#context.templates,
      createSilenceToken: this.#context.createSilenceToken,
      onTemplateFailure: () => this.#context.onTemplateFailure(this.name),
    });
    const receipt = await publisher.publish(draft, signal);
    // An old server takes the message and ignores the id: it is missing in the answer.
    if (isReplacing) delivery.memory = { ...delivery.memory, hasSequences: receipt.sequenceId === sequenceId };
  }
}

function deliveryErrorOf(error: unknown): unknown {
  if (!(error instanceof HttpClientError)) return error;
  const message = `the ntfy server was not reached: ${error.message}`;
  switch (error.reason) {
    case "address":
      return refused(error.message);
    case "canceled":
      return new DeliveryError(message, { isRetryable: true, reason: "contextCanceled", cause: error });
    case "timeout":
      return new DeliveryError(message, { isRetryable: true, reason: "contextDeadlineExceeded", cause: error });
    case "credentials":
    case "connection":
    case "redirect":
    case "encoding":
    case "body-size":
      return new DeliveryError(message, { isRetryable: true, reason: "other", cause: error });
  }
}

function refused(why: string): DeliveryError {
  return new DeliveryError(`ntfy: ${why}`, { isRetryable: false, reason: "clientError" });
}
