import type { IncomingMessage } from "node:http";
import type { TLSSocket, TlsOptions } from "node:tls";
import { messageOf } from "@monotreme/errors";
import type { Admission, ListenerSecurity, ListenerTls } from "@monotreme/http";
import { ConfigFileError } from "@monotreme/prometheus-config";
import type { Telemetry } from "@monotreme/telemetry";
import { parseBasicCredentials } from "./basic-credentials.ts";
import { isClientAllowed } from "./client-certificate.ts";
import { fingerprintOf, type LoadedWebConfig, loadWebConfig } from "./load-web-config.ts";
import { createWebConfigMetrics, type WebConfigMetrics } from "./metrics.ts";
import { PasswordChecker } from "./password-checker.ts";
import { PasswordThread } from "./password-thread.ts";

export interface WebSecurityOptions {
  /** The path of `--web.config.file`. */
  readonly path: string;
  readonly telemetry: Telemetry;
  /** How often the files are looked at for changes. */
  readonly pollMs?: number;
}

const POLL_MS = 2000;

/** Reads a web configuration; throws `ConfigFileError` where it or what it names cannot be used. */
export async function openWebSecurity(options: WebSecurityOptions): Promise<WebSecurity> {
  return new WebSecurity(options, await loadWebConfig(options.path));
}

/**
 * TLS, users and headers of a process, as a web configuration file says. The file and those that it names are read again
 * when they have changed and stand still; where they cannot be used the last ones stay in force. Whether TLS is spoken,
 * whether clients are asked for certificates, and that there are passwords is settled at the start.
 */
export class WebSecurity implements ListenerSecurity {
  readonly tls: ListenerTls | undefined;
  readonly #path: string;
  readonly #telemetry: Telemetry;
  readonly #metrics: WebConfigMetrics;
  readonly #passwords = new PasswordThread();
  readonly #checker: PasswordChecker;
  readonly #followers = new Set<(options: TlsOptions) => void>();
  readonly #poll: NodeJS.Timeout;
  #loaded: LoadedWebConfig;
  #lastFault: string | undefined;
  #lastSeen: string | undefined;
  #reloading: Promise<void> = Promise.resolve();

  constructor({ path, telemetry, pollMs = POLL_MS }: WebSecurityOptions, loaded: LoadedWebConfig) {
    this.#path = path;
    this.#telemetry = telemetry;
    this.#metrics = createWebConfigMetrics(telemetry.registry);
    this.#loaded = loaded;
    this.#checker = new PasswordChecker({
      compare: async (password, hash) => this.#passwords.compare(password, hash),
      onFault: (error) => telemetry.logger.error({ err: error }, "a password could not be checked"),
    });
    this.tls = loaded.tlsOptions === undefined ? undefined : this.#listenerTls(loaded.tlsOptions);
    this.#report(loaded);
    this.#poll = setInterval(() => void this.#lookForChanges(), pollMs);
    this.#poll.unref();
  }

  headers(): ReadonlyMap<string, string> {
    return this.#loaded.config.headers;
  }

  admit(request: IncomingMessage): Admission | Promise<Admission> {
    const { users } = this.#loaded.config;
    if (users.size === 0) return "granted";
    const credentials = parseBasicCredentials(request.headers.authorization);
    if (credentials === undefined) return this.#count("denied");
    const admission = this.#checker.check(credentials.name, credentials.password, users);
    return typeof admission === "string" ? this.#count(admission) : admission.then((result) => this.#count(result));
  }

  /** Reads the files again; rejects with the fault, and then nothing has changed. */
  async reload(): Promise<void> {
    const reloading = this.#reloading.then(async () => this.#reload());
    this.#reloading = reloading.catch(() => undefined);
    return reloading;
  }

  async close(): Promise<void> {
    clearInterval(this.#poll);
    await this.#reloading;
    await this.#passwords.close();
  }

  #listenerTls(first: TlsOptions): ListenerTls {
    return {
      options: () => this.#loaded.tlsOptions ?? first,
      onChange: (apply) => {
        this.#followers.add(apply);
        return () => this.#followers.delete(apply);
      },
      isPeerAllowed: (socket) => this.#isPeerAllowed(socket),
    };
  }

  #isPeerAllowed(socket: TLSSocket): boolean {
    const { tls } = this.#loaded.config;
    const isAllowed = tls !== undefined && isClientAllowed(socket, tls);
    if (!isAllowed) this.#metrics.refusedConnections.inc();
    return isAllowed;
  }

  #count(admission: Admission): Admission {
    if (admission !== "granted") this.#metrics.refusedRequests.inc({ reason: admission });
    return admission;
  }

  /**
   * A file may be in the middle of being written, empty even: it is read once it looks the same twice. After a fault the
   * files are tried again each time, because those at fault may be others than the last good ones.
   */
  async #lookForChanges(): Promise<void> {
    const { files, fingerprint } = this.#loaded;
    const knownFault = this.#lastFault;
    const seen = await fingerprintOf(files);
    const isSteady = seen === this.#lastSeen;
    this.#lastSeen = seen;
    if (!isSteady || (knownFault === undefined && seen === fingerprint)) return;
    try {
      await this.reload();
      this.#telemetry.logger.info({ file: this.#path }, "web configuration reloaded");
    } catch (error) {
      if (messageOf(error) === knownFault) return;
      this.#telemetry.logger.error({ err: error }, "web configuration cannot be used, the old one stays");
    }
  }

  async #reload(): Promise<void> {
    try {
      const loaded = await loadWebConfig(this.#path);
      const { tlsOptions } = loaded;
      refuseOtherKind(this.#path, this.#loaded, loaded);
      if (tlsOptions !== undefined) for (const follower of this.#followers) follower(tlsOptions);
      this.#loaded = loaded;
      this.#report(loaded);
    } catch (error) {
      this.#lastFault = messageOf(error);
      this.#metrics.reloadSuccessful.set(0);
      throw error;
    }
  }

  #report({ config }: LoadedWebConfig): void {
    this.#lastFault = undefined;
    this.#metrics.reloadSuccessful.set(1);
    for (const warning of config.warnings) this.#telemetry.logger.warn({ warning }, "web configuration");
  }
}

/**
 * A bound address cannot change its protocol, nor whether it asks for certificates; and none that asks for passwords
 * becomes open because a file was cut short.
 */
function refuseOtherKind(path: string, old: LoadedWebConfig, loaded: LoadedWebConfig): void {
  const refuse = (what: string): never => {
    throw new ConfigFileError([`${path}: ${what} with a restart only`]);
  };
  const [oldTls, tls] = [old.tlsOptions, loaded.tlsOptions];
  if ((oldTls === undefined) !== (tls === undefined)) refuse("tls_server_config: TLS begins or ends");
  if (oldTls?.requestCert !== tls?.requestCert) {
    refuse("tls_server_config: client_auth_type changes from or to NoClientCert");
  }
  if (old.config.users.size > 0 && loaded.config.users.size === 0) refuse("basic_auth_users: the last user goes");
}
