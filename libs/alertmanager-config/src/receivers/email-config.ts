import type { Secret, TlsConfig } from "@monotreme/prometheus-config";
import type { IntegrationConfig } from "./integration-config.ts";

/** A mail server's name and port, as `host:port` gave them. */
export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/** How mails of one group hang together in a mail program. */
export interface EmailThreading {
  readonly isEnabled: boolean;
  /** `daily` starts a new thread each day. */
  readonly threadByDate: string;
}

/** One entry of `email_configs`, with the `smtp_*` fields of `global` where it has none. */
export interface EmailConfig extends IntegrationConfig {
  /** A template of addresses, separated by commas. */
  readonly to: string;
  readonly from: string;
  readonly hello: string;
  readonly smarthost: HostPort;
  readonly authUsername: string;
  readonly authPassword: Secret | undefined;
  readonly authPasswordFile: string | undefined;
  readonly authSecret: Secret | undefined;
  readonly authSecretFile: string | undefined;
  readonly authIdentity: string;
  /** Templates by header name in canonical form (`Reply-To`). Subject, To and From are only there if configured. */
  readonly headers: Readonly<Record<string, string>>;
  readonly html: string;
  readonly text: string;
  readonly requireTls: boolean;
  /** Undefined: TLS from the first byte on port 465 only. */
  readonly forceImplicitTls: boolean | undefined;
  readonly tlsConfig: TlsConfig | undefined;
  readonly threading: EmailThreading;
}
