/** The KV bucket of leases: who does what only one replica may do (`alertmanager.dispatch`, `ruler.<group>`, …). */
export const LEASES_BUCKET = "leases";
