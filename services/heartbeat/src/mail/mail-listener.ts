import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { ListenAddress } from "@monotreme/config";
import { AppError, messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { CheckStore } from "../checks/check-store.ts";
import type { HeartbeatMetrics } from "../metrics.ts";
import type { PingRecorder } from "../pings/ping-recorder.ts";
import type { ProjectDirectory } from "../projects/project-directory.ts";
import { mailAction } from "./mail-action.ts";
import { checkOfRecipient } from "./mail-recipient.ts";
import { parseMail } from "./parse-mail.ts";

export interface MailListenerOptions {
  readonly store: CheckStore;
  readonly projects: ProjectDirectory;
  readonly recorder: PingRecorder;
  readonly metrics: HeartbeatMetrics;
  readonly logger: Logger;
}

/** A mail is held in memory until it is read, so both are bounds of that. */
const MAX_MAIL_BYTES = 5 * 2 ** 20;
const MAX_CLIENTS = 20;
const MAX_RECIPIENTS = 20;
const SOCKET_TIMEOUT_MS = 60_000;
const MAX_USER_AGENT = 200;

/**
 * Takes pings by mail: the recipient names the check, its filters say what the mail counts as, and the whole mail is the
 * ping's body. Neither encryption nor logins: it stands behind a mail server or on a private network.
 */
export class MailListener {
  readonly #options: MailListenerOptions;
  readonly #server: SMTPServer;
  #port = 0;

  private constructor(options: MailListenerOptions) {
    this.#options = options;
    this.#server = new SMTPServer({
      name: "heartbeat",
      banner: "Monotreme heartbeat",
      disabledCommands: ["AUTH", "STARTTLS"],
      disableReverseLookup: true,
      logger: false,
      size: MAX_MAIL_BYTES,
      maxClients: MAX_CLIENTS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      closeTimeout: 1000,
      onRcptTo: ({ address }, session, callback) => callback(this.#refusalOf(address, session)),
      onData: (stream, session, callback) => void this.#answer(stream, session, callback),
    });
    // Of single connections; each has been told what is wrong.
    this.#server.on("error", (error) => options.logger.debug({ err: error }, "a mail was broken off"));
  }

  /** Rejects with LISTEN_FAILED where the address cannot be had. */
  static async open({ host, port }: ListenAddress, options: MailListenerOptions): Promise<MailListener> {
    const listener = new MailListener(options);
    const { server } = listener.#server;
    try {
      server.listen(port, host === "" ? undefined : host);
      await once(server, "listening");
    } catch (error) {
      throw new AppError("LISTEN_FAILED", "unavailable", `cannot listen for mails: ${messageOf(error)}`, {
        cause: error,
      });
    }
    const address: AddressInfo | string | null = server.address();
    if (typeof address === "object" && address !== null) listener.#port = address.port;
    return listener;
  }

  get port(): number {
    return this.#port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #refusalOf(address: string, { envelope }: SMTPServerSession): Error | null {
    if (envelope.rcptTo.length >= MAX_RECIPIENTS) return refusal(452, "too many recipients");
    if (checkOfRecipient(address, this.#options) !== undefined) return null;
    this.#options.metrics.refusedPings.inc({ code: "550" });
    return refusal(550, "no such check");
  }

  /** Never rejects. */
  async #answer(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): Promise<void> {
    try {
      await this.#take(stream, session);
    } catch (error) {
      callback(this.#answerTo(error));
      return;
    }
    callback();
  }

  async #take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream) {
      // The rest of a mail that is too long is read and let go.
      if (!stream.sizeExceeded && Buffer.isBuffer(chunk)) chunks.push(chunk);
    }
    if (stream.sizeExceeded) throw refusal(552, "the mail is too long");
    const body = Buffer.concat(chunks);
    const mail = parseMail(body);
    const { mailFrom, rcptTo } = session.envelope;
    const sender = mailFrom === false ? "" : mailFrom.address;
    const ids = new Set<string>();
    for (const { address } of rcptTo) {
      const check = checkOfRecipient(address, this.#options);
      if (check === undefined || ids.has(check.definition.id)) continue;
      ids.add(check.definition.id);
      await this.#options.recorder.record(check.definition.id, {
        action: mailAction(mail, check.definition.filters),
        scheme: "email",
        remoteAddress: session.remoteAddress,
        method: "",
        userAgent: `Email from ${sender}`.slice(0, MAX_USER_AGENT),
        runId: undefined,
        exitStatus: undefined,
        body,
      });
    }
  }

  /** What is not our refusal is a fault of ours: the sender tries again. */
  #answerTo(error: unknown): Error {
    if (error instanceof Error && "responseCode" in error) return error;
    this.#options.logger.warn({ reason: messageOf(error) }, "a mail was not taken");
    return refusal(451, "try again later");
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
