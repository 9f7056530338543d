import SMTPConnection from "nodemailer/lib/smtp-connection";
import type { SMTPConnectionCustomAuthContext } from "nodemailer/lib/smtp-connection";
import type { Mail } from "./compose-mail.ts";
import type { SmtpLogin } from "./smtp-login.ts";

const CONNECT_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 60_000;

export interface SmtpSessionOptions {
  readonly host: string;
  readonly port: number;
  /** What the server is greeted with. */
  readonly hello: string;
  readonly encryption: "implicit" | "starttls" | "none";
  readonly tls: Readonly<Record<string, unknown>>;
  /** Acts for another user, PLAIN only. */
  readonly identity: string;
}

/** One conversation with a mail server. Every method rejects when the signal aborts; `close` may be called at any time. */
export class SmtpSession {
  readonly #connection: SMTPConnection;
  readonly #signal: AbortSignal;
  readonly #identity: string;
  #fail: (error: Error) => void = () => undefined;

  constructor(options: SmtpSessionOptions, signal: AbortSignal) {
    this.#signal = signal;
    this.#identity = options.identity;
    this.#connection = new SMTPConnection({
      host: options.host,
      port: options.port,
      name: options.hello,
      secure: options.encryption === "implicit",
      requireTLS: options.encryption === "starttls",
      ignoreTLS: options.encryption === "none",
      tls: options.tls,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: IDLE_TIMEOUT_MS,
      customAuth: { "PLAIN-IDENTITY": (context) => this.#plainWithIdentity(context) },
    });
    // Also after a step has settled: an error event that nobody listens to would end the process.
    this.#connection.on("error", (error: Error) => this.#fail(error));
  }

  get isEncrypted(): boolean {
    return this.#connection.secure === true;
  }

  /** The login methods that the server named, in its order. Known once connected. */
  get methods(): readonly string[] {
    const greeting = String(this.#connection.lastServerResponse || "");
    const offered = /^250[ -]AUTH[ =](.+)$/im.exec(greeting)?.[1] ?? "";
    return offered
      .trim()
      .toUpperCase()
      .split(/\s+/)
      .filter((method) => method !== "");
  }

  connect(): Promise<void> {
    return this.#step((resolve) => this.#connection.connect(() => resolve()));
  }

  login({ method, user, password }: SmtpLogin): Promise<void> {
    const isCustom = method === "PLAIN" && this.#identity !== "";
    const credentials = { user, pass: password };
    return this.#step((resolve, reject) => {
      const login = { method: isCustom ? "PLAIN-IDENTITY" : method, credentials };
      this.#connection.login(login, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Sends the mail; gives the recipients that the server did not take, if it took any. */
  send(mail: Mail): Promise<readonly string[]> {
    const envelope = { from: mail.sender, to: [...mail.recipients] };
    return this.#step((resolve, reject) =>
      this.#connection.send(envelope, mail.content, (error, info) =>
        error ? reject(error) : resolve(info?.rejected ?? []),
      ),
    );
  }

  /** Says good-bye, without waiting for the answer. */
  quit(): void {
    this.#connection.quit();
  }

  close(): void {
    this.#connection.close();
  }

  #step<T>(start: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.close();
        reject(new Error("the mail was not sent in time"));
      };
      const settle =
        <A>(finish: (value: A) => void) =>
        (value: A): void => {
          this.#signal.removeEventListener("abort", onAbort);
          finish(value);
        };
      this.#fail = settle(reject);
      if (this.#signal.aborted) return onAbort();
      this.#signal.addEventListener("abort", onAbort, { once: true });
      start(settle(resolve), settle(reject));
    });
  }

  async #plainWithIdentity(context: SMTPConnectionCustomAuthContext): Promise<void> {
    const { user, pass } = context.auth.credentials;
    const token = Buffer.from(`${this.#identity}\0${user}\0${pass}`).toString("base64");
    const { status, text } = await context.sendCommand(`AUTH PLAIN ${token}`);
    if (status !== 235) throw new Error(`Invalid login: ${status} ${text}`);
  }
}
