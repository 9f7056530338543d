import type { IncomingMessage } from "node:http";
import type { TLSSocket, TlsOptions } from "node:tls";

/** Whether a request may go on; `busy`: too many wait for their passwords to be checked. */
export type Admission = "granted" | "denied" | "busy";

/** TLS of an address; whether certificates are asked for is fixed while it is bound, all else may change. */
export interface ListenerTls {
  /** What new connections are made with, right now. */
  options(): TlsOptions;
  /** Called with the options whenever they have changed; the result ends that. */
  onChange(apply: (options: TlsOptions) => void): () => void;
  /** Judges a connection after its handshake; one that is refused is closed at once. */
  isPeerAllowed(socket: TLSSocket): boolean;
}

/** What stands between the network and an address of this process. */
export interface ListenerSecurity {
  /** Undefined: plain HTTP. */
  readonly tls: ListenerTls | undefined;
  /** Headers of every answer, right now. */
  headers(): ReadonlyMap<string, string>;
  /** Judges a request by its credentials; never rejects. Probes are not asked about. */
  admit(request: IncomingMessage): Admission | Promise<Admission>;
}
