import type { Lease, LeaseCallbacks, Leases } from "@monotreme/bus";

/** A lease as groups need it. */
export type GroupLease = Pick<Lease, "isHeld" | "release">;

/** Who evaluates which group. */
export interface GroupLeases {
  /** This process. */
  readonly id: string;
  /** The rulers that are alive, this one included. */
  readonly members: readonly string[];
  keep(key: string, callbacks: LeaseCallbacks): GroupLease;
}

/** Rulers are told apart from other holders of leases by their names. */
export const LEASE_HOLDER = "ruler";

export function groupLeases(leases: Leases): GroupLeases {
  return {
    id: leases.id,
    get members() {
      const alive = leases.aliveHolders.filter((id) => id.startsWith(`${LEASE_HOLDER}-`));
      return alive.includes(leases.id) ? alive : [...alive, leases.id];
    },
    keep: (key, callbacks) => leases.keep(key, callbacks),
  };
}
