import { AppError } from "@monotreme/errors";
import { DEFAULT_TENANT } from "./streams.ts";

/** The request header that names the tenant, in the lower case that Node gives headers. */
export const TENANT_HEADER = "x-scope-orgid";

/** Mimir's rules for tenant ids, so that its users' ids stay valid here. */
const TENANT_ID = /^[a-zA-Z0-9!\-_.*'()]{1,150}$/;

/** The tenant of a request by its header; throws `TENANT_INVALID` for an id that no tenant can have. */
export function tenantFromHeader(value: string | readonly string[] | undefined): string {
  if (value === undefined || value === "") return DEFAULT_TENANT;
  if (typeof value !== "string" || !TENANT_ID.test(value) || value === "." || value === "..") {
    const rules = "1 to 150 letters, digits or !-_.*'()";
    throw new AppError("TENANT_INVALID", "invalid", `the header X-Scope-OrgID is no tenant id: it takes ${rules}`);
  }
  return value;
}
