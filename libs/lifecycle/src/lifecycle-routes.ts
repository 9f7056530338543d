import { AppError, messageOf } from "@monotreme/errors";
import type { FastifyInstance, FastifyReply } from "@monotreme/http";

export interface LifecycleRoutesOptions {
  /** `--web.enable-lifecycle`; without it both routes answer 403. */
  readonly isEnabled: boolean;
  /** Reads the configuration again; rejects with the fault, and then nothing has changed. */
  readonly reload: () => Promise<void>;
  /** Begins the orderly end of the process. */
  readonly quit: () => void;
}

/** `POST /-/reload` and `POST /-/quit`, as upstream has them. */
export function lifecycleRoutes(options: LifecycleRoutesOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    for (const method of ["POST", "PUT"] as const) {
      app.route({ method, url: "/-/reload", handler: async (_request, reply) => answer(reply, options, reload) });
      app.route({ method, url: "/-/quit", handler: async (_request, reply) => answer(reply, options, quit) });
    }
  };
}

async function answer(
  reply: FastifyReply,
  options: LifecycleRoutesOptions,
  act: (reply: FastifyReply, options: LifecycleRoutesOptions) => Promise<string>,
): Promise<string> {
  reply.type("text/plain; charset=utf-8");
  if (!options.isEnabled) {
    reply.code(403);
    return "Lifecycle API is not enabled.\n";
  }
  return act(reply, options);
}

async function reload(reply: FastifyReply, options: LifecycleRoutesOptions): Promise<string> {
  try {
    await options.reload();
    return "";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    reply.code(500);
    return `failed to reload config: ${messageOf(error)}\n`;
  }
}

async function quit(_reply: FastifyReply, options: LifecycleRoutesOptions): Promise<string> {
  // After the answer has left: the listener waits for requests in flight.
  setImmediate(options.quit);
  return "Requesting termination... Goodbye!\n";
}
