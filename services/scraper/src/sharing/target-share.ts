import { type Bus, Leases, LeaseShare } from "@monotreme/bus";

/** Targets are shared in so many pieces: more scrapers than this have nothing to do. */
const PIECES = 64;
/** Pieces that come together are taken over together. */
const SETTLE_MS = 50;

export interface TargetShareOptions {
  readonly bus: Bus;
  /** Scrapers of one name share their targets; letters, digits and _ only. */
  readonly group: string;
  readonly leaseTtlMs: number;
  readonly replicas: number;
  /** More targets are this scraper's now. */
  readonly onGained: () => void;
  /** Fewer targets are this scraper's now; another one scrapes them when this resolves. */
  readonly onLost: () => Promise<void>;
}

/** Which targets this scraper scrapes. */
export interface TargetShare {
  owns(targetKey: string): boolean;
  close(): Promise<void>;
}

/** For a scraper by itself. */
export const ALL_TARGETS: TargetShare = { owns: () => true, close: async () => undefined };

/** Until the share is known. */
export const NO_TARGETS: TargetShare = { owns: () => false, close: async () => undefined };

/** Shares the targets of a group of scrapers with the same configuration: each target is scraped by one living scraper. */
export async function openTargetShare(options: TargetShareOptions): Promise<TargetShare> {
  const { bus, group, leaseTtlMs, replicas, onGained, onLost } = options;
  const member = `scraper-${group}`;
  const leases = await Leases.open(bus, { holder: member, ttlMs: leaseTtlMs, replicas });
  let settle: NodeJS.Timeout | undefined;
  /** Given away, though the lease is still held. */
  const leaving = new Set<string>();
  const share = new LeaseShare(
    {
      leases,
      member,
      onAcquired: (key) => {
        leaving.delete(key);
        settle ??= setTimeout(() => {
          settle = undefined;
          onGained();
        }, SETTLE_MS);
      },
      onLost: () => void onLost(),
      handOver: async (key) => {
        leaving.add(key);
        await onLost();
      },
    },
    Array.from({ length: PIECES }, (_, piece) => keyOf(group, piece)),
  );
  return {
    owns: (targetKey) => {
      const key = keyOf(group, pieceOf(targetKey));
      return share.isHeld(key) && !leaving.has(key);
    },
    close: async () => {
      clearTimeout(settle);
      await share.close();
      await leases.close();
    },
  };
}

function keyOf(group: string, piece: number): string {
  return `scraper.${group}.${piece}`;
}

/** FNV-1a: the same in every scraper. */
function pieceOf(targetKey: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < targetKey.length; i++) hash = Math.imul(hash ^ targetKey.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % PIECES;
}
