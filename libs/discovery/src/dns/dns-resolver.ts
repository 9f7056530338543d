/** What a record says: a host or address, and the port that only SRV records have. */
export interface DnsRecord {
  readonly host: string;
  readonly port: number | undefined;
}

/** Looks names up; given to the discovery, so that tests can answer by themselves. */
export interface DnsResolver {
  /** All records of one full name; empty where the name or the type does not exist; rejects where no server says. */
  lookup(name: string, type: "SRV" | "A" | "AAAA" | "MX" | "NS"): Promise<DnsAnswer>;
  /** The full names to try in turn for a name as it is written in the configuration. */
  candidates(name: string): Promise<readonly string[]>;
  close(): void;
}

export interface DnsAnswer {
  /** False where the servers say that there is no such name. */
  readonly exists: boolean;
  readonly records: readonly DnsRecord[];
}
