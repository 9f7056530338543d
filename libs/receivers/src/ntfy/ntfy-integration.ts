import { createHash } from "node:crypto";

import type { NtfyConfig } from "@monotreme/alertmanager-config";
import { withAlerts } from "../create-notification.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { ServiceClient } from "../delivery/service-client.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { planAlertMessages } from "./alert-messages.ts";
import { composeDraft } from "./compose-draft.ts";
import { DeliveryProgress } from "./delivery-progress.ts";
import { NtfyFields } from "./ntfy-fields.ts";
import { type NtfyMemory, readMemory, writeMemory } from "./ntfy-memory.ts";
import { NtfyPublisher } from "./ntfy-publisher.ts";
import { NtfyServers } from "./ntfy-server.ts";
import { basicAuthorization, type NtfyTarget, parseNtfyAddress, sequenceIdOf } from "./ntfy-target.ts";

const SUMMARY = "summary";

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
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;
  readonly #servers: NtfyServers;
  readonly #progress = new DeliveryProgress();

  constructor(config: NtfyConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
    this.#servers = context.ntfy?.servers ?? new NtfyServers(context);
  }

  close(): void {
    this.#client.close();
  }

  async send(notification: Notification, outerSignal: AbortSignal): Promise<DeliveryResult> {
    const { timeoutMs, mode } = this.#config;
    const signal = timeoutMs > 0 ? AbortSignal.any([outerSignal, AbortSignal.timeout(timeoutMs)]) : outerSignal;
    const delivery = await this.#begin(notification, signal);
    await (mode === "alert" ? this.#sendAlerts(notification, delivery) : this.#show(notification, undefined, delivery));
    this.#progress.forget(delivery.key);
    return { receiverData: writeMemory(delivery.memory) };
  }

  async #begin(notification: Notification, signal: AbortSignal): Promise<Delivery> {
    const config = this.#config;
    const fields = new NtfyFields(notification, this.#context);
    const address = fields.required("url", await readSecret(config.url, config.urlFile));
    const topic = fields.required("topic", config.topic);
    const target = parseNtfyAddress(address.replace(/#ntfy$/, ""), topic);
    const authorization = (await this.#authorization()) ?? target.authorization;
    const identity = createHash("sha256")
      .update(authorization ?? "")
      .digest("hex");
    const server = this.#servers.at(target.server, identity, config.rateLimit);
    const publisher = new NtfyPublisher({ client: this.#client, server, target, authorization });
    const key = `${notification.groupKeyHash} ${notification.flushMs}`;
    return { publisher, target, signal, key, memory: readMemory(notification.receiverData) };
  }

  /** The header of the side file's token, or of its user; files are read at each use. */
  async #authorization(): Promise<string | undefined> {
    const { token, tokenFile, username, password, passwordFile } = this.#config;
    const secret = await readSecret(token, tokenFile);
    if (secret !== "") return `Bearer ${secret}`;
    if (username === "") return undefined;
    return basicAuthorization(username, await readSecret(password, passwordFile));
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
    const draft = await composeDraft(this.#config, notification, address, this.#context);
    const receipt = await publisher.publish(draft, signal);
    // An old server takes the message and ignores the id: it is missing in the answer.
    if (isReplacing) delivery.memory = { ...delivery.memory, hasSequences: receipt.sequenceId === sequenceId };
  }
}
