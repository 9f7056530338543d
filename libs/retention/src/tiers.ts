import type { Secret } from "@monotreme/prometheus-config";

/** What moves by its age: raw samples (native histograms with them), 5-minute buckets, 1-hour buckets. */
export const MOVED_KINDS = ["raw", "5m", "1h"] as const;
export type MovedKind = (typeof MOVED_KINDS)[number];

/** An S3-compatible store; without keys the environment of ClickHouse's process says who asks. */
export interface S3Volume {
  /** With bucket and folder: `https://host/bucket/folder/`. */
  readonly endpoint: string;
  readonly region: string | undefined;
  readonly accessKeyId: Secret | undefined;
  readonly secretAccessKey: Secret | undefined;
}

/** A volume beside the server's own disk: a folder, or an S3-compatible store. */
export interface Volume {
  readonly name: string;
  readonly place: { readonly path: string } | { readonly s3: S3Volume };
}

export interface MoveRule {
  readonly kind: MovedKind;
  readonly afterMs: number;
  /** Name of a volume. */
  readonly to: string;
}

/** Where samples are kept by their age. */
export interface Tiers {
  /** ClickHouse's storage policy of the tables. */
  readonly policyName: string;
  /** What a server that is started beside us gets; none where the server of `--clickhouse.url` has the policy itself. */
  readonly volumes: readonly Volume[];
  readonly moves: readonly MoveRule[];
}
