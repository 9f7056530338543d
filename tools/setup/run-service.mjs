import { pathToFileURL } from "node:url";

import { bundleService } from "./bundle.mjs";

/**
 * Runs a service in this very process, so that signals reach it directly and no second Node waits beside it. The flags
 * take the place of ours in `process.argv`.
 */
export async function runService(service, flags) {
  const file = await bundleService(service);
  process.argv = [process.argv[0], file, ...flags];
  await import(pathToFileURL(file).href);
}

/** The value of a flag, given as `--name=value`, as `--name value` or by its environment variable. */
export function flagValue(flags, name) {
  const at = flags.findIndex((flag) => flag === `--${name}` || flag.startsWith(`--${name}=`));
  if (at >= 0) return flags[at].includes("=") ? flags[at].slice(flags[at].indexOf("=") + 1) : flags[at + 1];
  return process.env[`MONOTREME_${name.toUpperCase().replaceAll(/[.-]/g, "_")}`];
}

/** The system packages that standalone needs beside it: none for a server that is named by its flag. */
export function standalonePackages(flags) {
  return ["nats", "redis"].filter((name) => flagValue(flags, `${name}.url`) === undefined);
}
