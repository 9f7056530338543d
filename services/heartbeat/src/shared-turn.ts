/** Turns under load; nobody waits longer for one. */
const APART_MS = 4;

/**
 * Lets whatever is started within one turn of the event loop go on together at its end, and while turns follow each other
 * closely, what is started within some milliseconds. What then goes to the same connection goes out in one write: the
 * busier the process is, the more pings share one.
 */
export class SharedTurn {
  #end: Promise<void> | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  async end(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      const finish = (): void => {
        this.#end = undefined;
        this.#lastMs = performance.now();
        resolve();
      };
      const restMs = this.#lastMs + APART_MS - performance.now();
      if (restMs <= 0) setImmediate(finish);
      else setTimeout(finish, restMs);
    });
    return this.#end;
  }
}
