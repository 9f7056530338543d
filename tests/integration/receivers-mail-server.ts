import { readFileSync } from "node:fs";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), "utf8");

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came, with its line ends. */
  readonly text: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly hello: string;
}

/** How a client logged in. */
export interface Login {
  readonly method: string;
  readonly username: string;
  readonly password: string;
}

/** A mail server on a local port that keeps what it was sent. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  readonly logins: Login[] = [];
  readonly #server: SMTPServer;

  constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      key: fixture("localhost-key.pem"),
      cert: fixture("localhost-cert.pem"),
      authOptional: true,
      allowInsecureAuth: true,
      disableReverseLookup: true,
      onAuth: (auth, _session, callback) => {
        const isRight =
          auth.method === "CRAM-MD5" ? auth.validatePassword("s3cr3t-cram") : auth.password === "s3cr3t-pass";
        this.logins.push({ method: auth.method, username: auth.username ?? "", password: auth.password ?? "" });
        if (isRight) callback(null, { user: auth.username });
        else callback(new Error("wrong password s3cr3t-other"));
      },
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString("utf8"),
            isEncrypted: session.secure,
            user: typeof session.user === "string" ? session.user : undefined,
            hello: session.hostNameAppearsAs,
          });
          callback();
        });
      },
      ...options,
    });
    this.#server.on("error", () => undefined);
  }

  static async start(options: SMTPServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", () => resolve()));
    return server;
  }

  get port(): number {
    const address = this.#server.server.address();
    if (address === null || typeof address === "string") throw new Error("the server does not listen");
    return address.port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
