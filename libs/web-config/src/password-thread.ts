import { Worker } from "node:worker_threads";
import { AppError } from "@monotreme/errors";

interface Waiting {
  readonly resolve: (isEqual: boolean) => void;
  readonly reject: (fault: AppError) => void;
}

/**
 * Compares passwords with bcrypt hashes in a thread of its own, because a comparison keeps a core busy for up to a second
 * and the library that makes it gives way every 100 ms only. The thread starts with the first comparison, and again after
 * a fault; waiting for work, it keeps no process alive.
 */
export class PasswordThread {
  #worker: Worker | undefined;
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  /** Whether the password is the one that was hashed; rejects where the thread ends before it knows. */
  async compare(password: string, hash: string): Promise<boolean> {
    if (this.#isClosed) throw endFault(undefined);
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.postMessage({ password, hash });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // Beside this file in the sources, and beside the bundle.
    const worker = new Worker(new URL("./password-worker.mjs", import.meta.url), { name: "passwords" });
    let cause: unknown;
    worker.on("message", (isEqual: boolean) => this.#waiting.shift()?.resolve(isEqual));
    worker.on("error", (error) => {
      cause = error;
    });
    worker.on("exit", () => {
      this.#worker = undefined;
      for (const { reject } of this.#waiting.splice(0)) reject(endFault(cause));
    });
    worker.unref();
    return worker;
  }
}

function endFault(cause: unknown): AppError {
  return new AppError("PASSWORD_THREAD_LOST", "unavailable", "the thread that compares passwords has ended", { cause });
}
