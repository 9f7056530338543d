import type { WechatConfig } from "@monotreme/alertmanager-config";

import { DeliveryError } from "../delivery-error.ts";
import { type GoJsonValue, orOmitted } from "../delivery/go-json.ts";
import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";
import { readSecret } from "../delivery/read-secret.ts";
import { redactText } from "../delivery/redact-text.ts";
import { ServiceClient, type ServiceRequest } from "../delivery/service-client.ts";
import { reasonOfStatus } from "../delivery/status-error.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";

const TOKEN_LIFETIME_MS = 2 * 3_600_000;
/** The token is over, or the service does not know it (any more). */
const STALE_TOKEN_CODES = new Set([40_014, 42_001]);

/** Sends to WeCom (WeChat at work); its access token is kept for two hours, or until the service refuses it. */
export class WechatIntegration implements Integration {
  readonly name = "wechat";
  readonly #config: WechatConfig;
  readonly #context: IntegrationContext;
  readonly #client: ServiceClient;
  #token: { readonly text: string; readonly secret: string; readonly untilMs: number } | undefined;

  constructor(config: WechatConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
    this.#client = new ServiceClient(config.httpConfig, context);
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const token = await this.#accessToken(expander, signal);
    const json = this.#message(expander);
    const url = `${this.#apiUrl("message/send")}?${new URLSearchParams({ access_token: token }).toString()}`;
    const answer = await this.#ask({ url, json, signal, secrets: [token] });
    const code = answer?.["errcode"];
    if (code === 0) return {};
    const text = redactText(textMember(answer, "errmsg"), [token]);
    if (answer === undefined) {
      throw new DeliveryError("the answer is no JSON", { isRetryable: true, reason: "other" });
    }
    const isStale = typeof code === "number" && STALE_TOKEN_CODES.has(code);
    if (isStale) this.#token = undefined;
    throw new DeliveryError(`error ${textMember(answer, "errcode")}: ${text}`, {
      isRetryable: isStale,
      reason: isStale ? "authError" : "clientError",
    });
  }

  close(): void {
    this.#client.close();
  }

  async #accessToken(expander: MessageExpander, signal: AbortSignal): Promise<string> {
    const { apiSecret, apiSecretFile, corpId } = this.#config;
    const secret = expander.required("api_secret", await readSecret(apiSecret, apiSecretFile));
    const nowMs = this.#context.now();
    if (this.#token !== undefined && this.#token.secret === secret && nowMs < this.#token.untilMs) {
      return this.#token.text;
    }
    const corpid = expander.required("corp_id", corpId);
    const url = `${this.#apiUrl("gettoken")}?${new URLSearchParams({ corpid, corpsecret: secret }).toString()}`;
    const answer = await this.#ask({ method: "GET", url, signal, secrets: [secret] });
    const text = textMember(answer, "access_token");
    if (text === "") {
      throw new DeliveryError("WeChat gives no token for this corp_id and api_secret", {
        isRetryable: false,
        reason: "authError",
      });
    }
    this.#token = { text, secret, untilMs: nowMs + TOKEN_LIFETIME_MS };
    return text;
  }

  /** Any status but 200 is worth another try here. */
  async #ask(request: ServiceRequest): Promise<Readonly<Record<string, unknown>> | undefined> {
    const answer = await this.#client.send(request);
    if (answer.status === 200) return parseJsonObject(answer.text);
    throw new DeliveryError(`unexpected status code ${answer.status}`, {
      isRetryable: true,
      reason: reasonOfStatus(answer.status),
    });
  }

  #message(expander: MessageExpander): GoJsonValue {
    const config = this.#config;
    const receivers = {
      touser: orOmitted(expander.value("to_user", config.toUser)),
      toparty: orOmitted(expander.value("to_party", config.toParty)),
      totag: orOmitted(expander.value("to_tag", config.toTag)),
      agentid: orOmitted(expander.value("agent_id", config.agentId)),
    };
    const content = { content: expander.withProblems(expander.text("message", config.message)) };
    const { messageType } = config;
    return {
      ...(messageType === "markdown" ? {} : { text: content }),
      ...receivers,
      safe: "0",
      msgtype: messageType,
      ...(messageType === "markdown" ? { markdown: content } : {}),
    };
  }

  #apiUrl(path: string): string {
    return `${this.#config.apiUrl.replace(/\/*$/, "/")}${path}`;
  }
}
