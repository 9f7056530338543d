/** Where a process is reached from outside, as its flags say. */
export interface WebLocationFlags {
  /** `--web.external-url`: the address that people and other systems use, for links. */
  readonly externalUrl?: string | undefined;
  /** `--web.route-prefix`: the path under which this process itself serves; by default that of the external address. */
  readonly routePrefix?: string | undefined;
}

/** The path under which everything is served: empty, or `/path` without a slash at its end. */
export function routePrefixOf({ externalUrl, routePrefix }: WebLocationFlags): string {
  const path = routePrefix ?? (externalUrl === undefined ? "" : new URL(externalUrl).pathname);
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}

/** The address for links, without a slash at its end; where none is given, the one that the process listens on. */
export function externalUrlOf({ externalUrl, routePrefix }: WebLocationFlags, listenerUrl: string): string {
  if (externalUrl !== undefined) return externalUrl.replace(/\/+$/, "");
  return listenerUrl + routePrefixOf({ routePrefix });
}
