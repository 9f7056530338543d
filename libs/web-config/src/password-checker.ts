import { createHmac, randomBytes } from "node:crypto";
import type { Admission } from "@monotreme/http";
import { RecentResults } from "./recent-results.ts";

/** Compares a password with a bcrypt hash, off the event loop. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>;

export interface PasswordCheckerOptions {
  readonly compare: ComparePassword;
  /** Comparisons that wait for their turn; above it requests are told to come back. */
  readonly maxWaiting?: number;
  /** Told of comparisons that failed; they grant nothing and are not remembered. */
  readonly onFault?: (error: unknown) => void;
}

/** Credentials that are remembered, of each kind apart, so that wrong ones cannot push out right ones. */
const MAX_REMEMBERED = 1000;

const DEFAULT_MAX_WAITING = 64;

/**
 * Checks names and passwords against bcrypt hashes. A user that does not exist takes as long as one that does. One
 * comparison runs at a time, equal ones are made once, and results are remembered under hashes with a key of this
 * process; the passwords themselves are not kept.
 */
export class PasswordChecker {
  readonly #compare: ComparePassword;
  readonly #maxWaiting: number;
  readonly #onFault: (error: unknown) => void;
  readonly #key = randomBytes(32);
  readonly #right = new RecentResults(MAX_REMEMBERED);
  readonly #wrong = new RecentResults(MAX_REMEMBERED);
  readonly #running = new Map<string, Promise<Admission>>();
  #lastComparison: Promise<unknown> = Promise.resolve();

  constructor({ compare, maxWaiting = DEFAULT_MAX_WAITING, onFault }: PasswordCheckerOptions) {
    this.#compare = compare;
    this.#maxWaiting = maxWaiting;
    this.#onFault = onFault ?? (() => undefined);
  }

  /** Judges credentials against the users given, which may differ from call to call. */
  check(name: string, password: string, users: ReadonlyMap<string, string>): Admission | Promise<Admission> {
    const hash = users.get(name);
    const compared = hash ?? hashOfNobody(users);
    const id = this.#idOf([name, password, compared]);
    if (this.#right.has(id)) return "granted";
    if (this.#wrong.has(id)) return "denied";
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    if (this.#running.size >= this.#maxWaiting) return "busy";
    const result = this.#judge(id, { password, compared, isUser: hash !== undefined });
    this.#running.set(id, result);
    return result;
  }

  async #judge(
    id: string,
    { password, compared, isUser }: { readonly password: string; readonly compared: string; readonly isUser: boolean },
  ): Promise<Admission> {
    const comparison = this.#lastComparison
      .then(async () => this.#compare(password, compared))
      .catch((error) => this.#report(error));
    this.#lastComparison = comparison;
    const isEqual = await comparison;
    this.#running.delete(id);
    // A comparison that failed says nothing about the password.
    if (isEqual === undefined) return "busy";
    const isRight = isUser && isEqual;
    (isRight ? this.#right : this.#wrong).add(id);
    return isRight ? "granted" : "denied";
  }

  #report(error: unknown): undefined {
    this.#onFault(error);
    return undefined;
  }

  /** Lengths keep a name's end and a password's start apart. */
  #idOf(parts: readonly string[]): string {
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest("base64");
  }
}

/** A hash of the highest cost among the users, so that a name which does not exist is not told by its speed. */
function hashOfNobody(users: ReadonlyMap<string, string>): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6));
  const highest = costs.reduce((most, cost) => (cost > most ? cost : most), "04");
  return `$2b$${highest}$${"a".repeat(53)}`;
}
