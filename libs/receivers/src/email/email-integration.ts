import type { EmailConfig } from "@monotreme/alertmanager-config";
import { messageOf } from "@monotreme/errors";
import { tlsOptions } from "@monotreme/http-client";
import { DeliveryError } from "../delivery-error.ts";
import { redactText } from "../delivery/redact-text.ts";
import type { DeliveryResult, Integration, IntegrationContext } from "../integration.ts";
import type { Notification } from "../notification.ts";
import { MessageExpander } from "../templates/message-expander.ts";
import { composeMail, type Mail } from "./compose-mail.ts";
import { chooseLogin } from "./smtp-login.ts";
import { SmtpSession, type SmtpSessionOptions } from "./smtp-session.ts";

const IMPLICIT_TLS_PORT = "465";

/** Sends mails, each over a connection of its own. */
export class EmailIntegration implements Integration {
  readonly name = "email";
  readonly #config: EmailConfig;
  readonly #context: IntegrationContext;

  constructor(config: EmailConfig, context: IntegrationContext) {
    this.#config = config;
    this.#context = context;
  }

  async send(notification: Notification, signal: AbortSignal): Promise<DeliveryResult> {
    const expander = new MessageExpander(this.name, notification, this.#context);
    const mail = await composeMail(notification, this.#config, expander, this.#context.now());
    const session = new SmtpSession(await this.#sessionOptions(), signal);
    const secrets: string[] = [];
    try {
      const rejected = await this.#converse(session, mail, secrets);
      if (rejected.length > 0) this.#reportRejected(notification, rejected);
    } catch (error) {
      throw smtpError(error, signal, secrets);
    } finally {
      session.close();
    }
    return {};
  }

  /** No connection outlives its mail. */
  close(): void {}

  async #converse(session: SmtpSession, mail: Mail, secrets: string[]): Promise<readonly string[]> {
    await session.connect();
    const { host } = this.#config.smarthost;
    const login = await chooseLogin(this.#config, {
      methods: session.methods,
      isEncrypted: session.isEncrypted,
      isLocal: host === "localhost" || host === "127.0.0.1" || host === "::1",
    });
    if (login !== undefined) {
      secrets.push(login.password, Buffer.from(login.password).toString("base64"));
      await session.login(login);
    }
    const rejected = await session.send(mail);
    session.quit();
    return rejected;
  }

  async #sessionOptions(): Promise<SmtpSessionOptions> {
    const { smarthost, hello, requireTls, forceImplicitTls, tlsConfig, authIdentity } = this.#config;
    const isImplicit = forceImplicitTls ?? smarthost.port === IMPLICIT_TLS_PORT;
    return {
      host: smarthost.host,
      port: Number(smarthost.port),
      hello: hello === "" ? "localhost" : hello,
      encryption: isImplicit ? "implicit" : requireTls ? "starttls" : "none",
      tls: await this.#tls(tlsConfig, smarthost.host),
      identity: authIdentity,
    };
  }

  async #tls(config: EmailConfig["tlsConfig"], host: string): Promise<SmtpSessionOptions["tls"]> {
    try {
      return { servername: host, ...(await tlsOptions(config)) };
    } catch (error) {
      throw new DeliveryError(messageOf(error), { isRetryable: false, reason: "other", cause: error });
    }
  }

  /** The others have the mail; sending it again would show it to them twice. */
  #reportRejected(notification: Notification, rejected: readonly string[]): void {
    this.#context.logger.warn(
      { integration: this.name, receiver: notification.receiver, recipients: rejected },
      "the mail server refused some recipients",
    );
  }
}

/** Whatever a mail server says may change, so every such failure may be tried again. */
function smtpError(error: unknown, signal: AbortSignal, secrets: readonly string[]): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const message = redactText(messageOf(error), secrets);
  if (signal.aborted) {
    const isTimeout = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
    return new DeliveryError(message, {
      isRetryable: true,
      reason: isTimeout ? "contextDeadlineExceeded" : "contextCanceled",
    });
  }
  const isLogin = error instanceof Error && "code" in error && error.code === "EAUTH";
  return new DeliveryError(message, { isRetryable: true, reason: isLogin ? "authError" : "other" });
}
