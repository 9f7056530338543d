import { AppError } from "@monotreme/errors";
import { HttpListener, type ListenerSecurity, type ListenOptions } from "@monotreme/http";
import type { Telemetry } from "@monotreme/telemetry";

/** Something that a service holds: idempotent to close, drains first, gives up what is left when the deadline passes. */
export interface Resource {
  close(deadline: AbortSignal): Promise<void>;
}

/** What secures the addresses of a process. */
export interface AddressSecurity extends ListenerSecurity, Resource {
  /** Reads its files again; rejects with the fault, and then nothing has changed. */
  reload(): Promise<void>;
}

const RETRY_MS = 1000;
const TELL_AGAIN_MS = 60_000;

/**
 * What a service is started in. Resources are acquired top to bottom and released bottom to top; a failing close does
 * not keep the others from closing.
 */
export class ServiceScope {
  readonly telemetry: Telemetry;
  readonly #resources: { readonly name: string; readonly resource: Resource }[] = [];
  readonly #onFatal: (error: unknown) => void;
  readonly #onQuit: () => void;
  readonly #reloads: (() => Promise<void>)[] = [];
  readonly #listeners: HttpListener[] = [];
  #security: AddressSecurity | undefined;
  #closing: Promise<boolean> | undefined;

  /** `onFatal`: a fault that a running service cannot recover from (exit 1); `onQuit`: an orderly end (exit 0). */
  constructor(telemetry: Telemetry, onFatal: (error: unknown) => void, onQuit: () => void = () => undefined) {
    this.telemetry = telemetry;
    this.#onFatal = onFatal;
    this.#onQuit = onQuit;
  }

  /** Runs the factory and owns its result until the scope closes. */
  async acquire<R extends Resource>(name: string, create: () => R | Promise<R>): Promise<R> {
    const resource = await create();
    this.#resources.push({ name, resource });
    return resource;
  }

  /** Lets every address that is bound from now on be reached only as a web configuration says. */
  async secure(open: () => Promise<AddressSecurity>): Promise<void> {
    this.#security = await this.acquire("web-security", open);
  }

  /**
   * Binds an address; the first thing that a service acquires, so that it closes last. Where a process has several, each
   * names its flag, for the error when the port is taken.
   */
  async listen(
    address: { readonly host: string; readonly port: number },
    displayName: string,
    options: Partial<Pick<ListenOptions, "flagName" | "routePrefix" | "probeText">> = {},
  ): Promise<HttpListener> {
    const { registry } = this.telemetry;
    const flagName = "web.listen-address";
    const listener = await this.acquire("http-listener", () =>
      HttpListener.listen({ flagName, ...options, ...address, registry, displayName, security: this.#security }),
    );
    this.#listeners.push(listener);
    return listener;
  }

  /**
   * Waits for a server that the service needs: repeats the attempt every second for as long as it fails with an error of
   * kind `unavailable`, which is logged once and again every minute, and told by `/-/ready` meanwhile.
   */
  async reach<R>(attempt: () => Promise<R>): Promise<R> {
    const { logger } = this.telemetry;
    let toldAtMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      try {
        const reached = await attempt();
        if (toldAtMs > 0) logger.info("found what was waited for");
        for (const listener of this.#listeners) listener.waitFor(undefined);
        return reached;
      } catch (error) {
        const canWait = error instanceof AppError && error.kind === "unavailable" && this.#closing === undefined;
        if (!canWait) throw error;
        for (const listener of this.#listeners) listener.waitFor(error.message);
        if (performance.now() - toldAtMs >= TELL_AGAIN_MS) {
          logger.warn({ reason: error.message }, "waiting");
          toldAtMs = performance.now();
        }
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Registers what SIGHUP reads again; the handler reports its own faults in its metrics and by rejecting. */
  onReload(reload: () => Promise<void>): void {
    this.#reloads.push(reload);
  }

  /** Runs all reloads, one after the other, and the web configuration's last; rejects with the first fault. */
  async reload(): Promise<void> {
    for (const reload of this.#reloads) await reload();
    await this.#security?.reload();
  }

  /** Ends the process in order, as SIGTERM does. */
  quit(): void {
    this.#onQuit();
  }

  /** Ends the process in order because of an unrecoverable fault. */
  fail(error: unknown): void {
    this.#onFatal(error);
  }

  /** Releases everything in reverse; true where every close went well. Repeated calls share one run. */
  async close(deadline: AbortSignal): Promise<boolean> {
    this.#closing ??= this.#closeAll(deadline);
    return this.#closing;
  }

  async #closeAll(deadline: AbortSignal): Promise<boolean> {
    let clean = true;
    // Whoever asks whether this process is ready hears of the end before anything has ended.
    for (const listener of this.#listeners) listener.beginDrain();
    for (const { name, resource } of this.#resources.reverse()) {
      const startedMs = performance.now();
      try {
        await withinDeadline(resource.close(deadline), deadline);
        const tookMs = Math.round(performance.now() - startedMs);
        this.telemetry.logger.debug({ resource: name, tookMs }, "closed");
      } catch (error) {
        clean = false;
        this.telemetry.logger.error({ resource: name, err: error }, "close failed");
      }
    }
    return clean;
  }
}

/** A close that hangs must not keep the next ones from running: each gets a grace of its own past the deadline. */
const GRACE_MS = 1000;

async function withinDeadline(closing: Promise<void>, deadline: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const missed = new Promise<never>((_, reject) => {
    const arm = (): void => {
      timer = setTimeout(() => reject(new Error("not closed within the deadline")), GRACE_MS);
    };
    if (deadline.aborted) arm();
    else deadline.addEventListener("abort", arm, { once: true });
  });
  try {
    await Promise.race([closing, missed]);
  } finally {
    clearTimeout(timer);
  }
}
