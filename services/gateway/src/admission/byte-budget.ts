import { AppError } from "@monotreme/errors";

/** Too many bytes of requests are being read or stored at this moment. */
export class OverloadedError extends AppError {
  constructor(limitBytes: number) {
    super("GATEWAY_OVERLOADED", "unavailable", `requests of ${limitBytes} bytes are already in flight; try again`);
  }
}

/**
 * Bounds the bytes of request bodies that the process holds. A lease grows with what has arrived (never with what a
 * client announces, or idle connections could use the budget up); beyond the limit `grow` throws and holds no more.
 */
export class ByteBudget {
  readonly limitBytes: number;
  #usedBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  lease(): ByteLease {
    let heldBytes = 0;
    return {
      grow: (bytes) => {
        if (this.#usedBytes + bytes > this.limitBytes) throw new OverloadedError(this.limitBytes);
        this.#usedBytes += bytes;
        heldBytes += bytes;
      },
      release: () => {
        this.#usedBytes -= heldBytes;
        heldBytes = 0;
      },
    };
  }
}

export interface ByteLease {
  grow(bytes: number): void;
  /** Gives everything back; safe to call again. */
  release(): void;
}
