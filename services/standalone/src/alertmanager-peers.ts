/** How an alertmanager on this machine comes to the state that it shares with others here. */
export interface SharedState {
  /** It keeps the state for the others, on this port. */
  readonly ownPort?: number;
  /** Another one keeps it, here. */
  readonly natsUrl?: string;
  /** Peers on other machines, which cannot be reached this way. */
  readonly elsewhere: readonly string[];
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * What `--cluster.listen-address` and `--cluster.peer` amount to, so that several alertmanagers on one machine form a
 * cluster as upstream's do: one of them keeps the state, on its cluster address and for loopback only. Where each names
 * all, itself included, that is the one with the lowest address; otherwise the first peer that is named. Replicas on
 * several machines share a NATS by `--nats.url`.
 */
export function sharedStateOf(listenAddress: string, peers: readonly string[]): SharedState {
  const own = loopbackAddressOf(listenAddress);
  const known = peers.map((text) => ({ text, address: loopbackAddressOf(text) }));
  const elsewhere = known.filter(({ address }) => address === undefined).map(({ text }) => text);
  const here = known.map(({ address }) => address).filter((address) => address !== undefined);
  const isNamed = here.some((peer) => own !== undefined && isSame(peer, own));
  const keeper = isNamed ? here.toSorted(compare)[0] : (here[0] ?? own);
  if (keeper === undefined) return { elsewhere };
  if (own !== undefined && isSame(keeper, own)) return { ownPort: own.port, elsewhere };
  return { natsUrl: `nats://127.0.0.1:${keeper.port}`, elsewhere };
}

function loopbackAddressOf(text: string): Address | undefined {
  const match = /^(127(?:\.\d{1,3}){3}|localhost|\[::1\]):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  return match === null || port === 0 || port > 65_535 ? undefined : { host: match[1] ?? "", port };
}

/** The state is kept on one address whatever the name of the loopback. */
function isSame(left: Address, right: Address): boolean {
  return left.port === right.port;
}

function compare(left: Address, right: Address): number {
  return left.port - right.port;
}
