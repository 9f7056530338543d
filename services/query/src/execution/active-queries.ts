import { randomBytes } from "node:crypto";
import { AppError } from "@monotreme/errors";
import type { QueryKind } from "../metrics.ts";

/** Where a query stands: `queued` waits for its turn, `answering` gives a result to its client. */
export type QueryState = "queued" | "running" | "waiting-for-worker" | "running-in-worker" | "answering";

/** A query that was ended by an administrator. */
export class QueryKilledError extends AppError {
  constructor() {
    super("QUERY_KILLED", "canceled", "the query was ended by an administrator");
  }
}

/** One running query, as the list shows it. */
export interface ActiveQuery {
  readonly id: string;
  readonly tenant: string;
  readonly kind: QueryKind;
  readonly text: string;
  readonly startedMs: number;
  state: QueryState;
  /** Samples read so far. */
  samplesRead: number;
  /** Ends the query. */
  stop(reason: AppError): void;
}

/** The queries that run or wait in this process. */
export class ActiveQueries {
  readonly #queries = new Map<string, ActiveQuery>();

  /** Adds a query under a new id; it stays until `remove`. */
  add(query: Omit<ActiveQuery, "id" | "state" | "samplesRead">): ActiveQuery {
    const id = randomBytes(8).toString("hex");
    const entry: ActiveQuery = { ...query, id, state: "queued", samplesRead: 0 };
    this.#queries.set(id, entry);
    return entry;
  }

  remove({ id }: ActiveQuery): void {
    this.#queries.delete(id);
  }

  /** The queries of one tenant, oldest first. */
  of(tenant: string): readonly ActiveQuery[] {
    return [...this.#queries.values()].filter((query) => query.tenant === tenant);
  }

  get all(): readonly ActiveQuery[] {
    return [...this.#queries.values()];
  }

  /** Ends a query of that tenant; false where there is none under that id. */
  kill(tenant: string, id: string): boolean {
    const query = this.#queries.get(id);
    if (query === undefined || query.tenant !== tenant) return false;
    query.stop(new QueryKilledError());
    return true;
  }
}
