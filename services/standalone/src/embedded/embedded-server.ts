import { AppError } from "@monotreme/errors";

import { findFreePort } from "./free-port.ts";
import type { ProcessLogger } from "./process-logger.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

/** What every embedded server takes. */
export interface EmbeddedServerOptions {
  /** The server's own folder; created when missing. */
  readonly dataPath: string;
  /** A free loopback port is chosen when not given. */
  readonly port?: number;
  readonly logger: ProcessLogger;
  /** Called each time the server died and is started again. */
  readonly onRestart?: () => void;
}

/** A running embedded server: `url` stays the same over restarts. */
export interface EmbeddedServer {
  readonly url: string;
  readonly port: number;
  readonly process: SupervisedProcess;
  close(deadline: AbortSignal): Promise<void>;
}

const PORT_ATTEMPTS = 3;

/** Starts on the given port, or on a free one, trying another when the start fails: someone may have taken the port. */
export async function startOnPort(
  port: number | undefined,
  start: (port: number) => Promise<EmbeddedServer>,
): Promise<EmbeddedServer> {
  if (port !== undefined) return start(port);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await findFreePort());
    } catch (error) {
      const mayBePort = error instanceof AppError && error.code === "EMBEDDED_START_FAILED";
      if (!mayBePort || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
