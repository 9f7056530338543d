/**
 * Lets whatever is started within one turn of the event loop go on together at its end. What then goes to the same
 * connection goes out in one write: the busier the process is, the more pings share one.
 */
export class SharedTurn {
  #end: Promise<void> | undefined;

  async end(): Promise<void> {
    this.#end ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#end = undefined;
        resolve();
      });
    });
    return this.#end;
  }
}
