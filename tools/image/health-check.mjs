import { readFileSync } from "node:fs";
import { get as getPlain } from "node:http";
import { get as getSecure } from "node:https";

/** Where each role listens unless it is told otherwise. */
export const DEFAULT_PORTS = {
  alertmanager: 9093,
  compactor: 9098,
  console: 8080,
  gateway: 9201,
  heartbeat: 8000,
  ingester: 9097,
  query: 9090,
  ruler: 9096,
  scraper: 9095,
  standalone: 9090,
};

const TIMEOUT_MS = 4000;

/**
 * Asks the container's first process whether it is healthy (with `--ready`: ready); resolves to an exit code. Role and
 * address come from that process' own command line and from the container's environment.
 */
export async function checkHealth(flags, containerCommand = readContainerCommand(), environment = process.env) {
  const probe = flags.includes("--ready") ? "/-/ready" : "/-/healthy";
  const address = addressOf(containerCommand, environment);
  if (address === undefined) {
    console.error("the container's first process is no role of Monotreme");
    return 1;
  }
  const { host, port, prefix } = address;
  const path = `${prefix}${probe}`;
  // With a web configuration the same address may speak TLS; whose certificate it is does not matter here.
  const answer =
    (await ask(getPlain, { host, port, path })) ??
    (await ask(getSecure, { host, port, path, rejectUnauthorized: false }));
  if (answer?.status === 200) return 0;
  console.error(answer?.text.trim() ?? `nobody answers at ${host}:${port}`);
  return 1;
}

/** Host, port and path prefix of the role that a command line starts; undefined where it starts none. */
export function addressOf(command, environment) {
  const scriptAt = command.findIndex((word) => word.endsWith("monotreme.mjs"));
  const role = command[scriptAt + 1];
  if (scriptAt < 0 || role === undefined || DEFAULT_PORTS[role] === undefined) return undefined;
  const flags = command.slice(scriptAt + 2);
  const listenAddress = settingOf("web.listen-address", flags, environment) ?? `:${DEFAULT_PORTS[role]}`;
  const colonAt = listenAddress.lastIndexOf(":");
  const host = listenAddress.slice(0, colonAt).replace(/^\[(.*)\]$/, "$1");
  const isAny = host === "" || host === "0.0.0.0" || host === "::";
  return {
    host: isAny ? "localhost" : host,
    port: Number(listenAddress.slice(colonAt + 1)),
    prefix: prefixOf(flags, environment),
  };
}

function prefixOf(flags, environment) {
  const given = settingOf("web.route-prefix", flags, environment);
  const externalUrl = settingOf("web.external-url", flags, environment);
  const path = given ?? (externalUrl === undefined ? "" : new URL(externalUrl).pathname);
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}

function settingOf(name, flags, environment) {
  const at = flags.findLastIndex((flag) => new RegExp(`^--?${name.replaceAll(".", "\\.")}(=|$)`).test(flag));
  if (at < 0) return environment[`MONOTREME_${name.toUpperCase().replaceAll(/[.-]/g, "_")}`];
  return flags[at].includes("=") ? flags[at].slice(flags[at].indexOf("=") + 1) : flags[at + 1];
}

function readContainerCommand() {
  return readFileSync("/proc/1/cmdline", "utf8").split("\0");
}

async function ask(get, options) {
  return new Promise((resolve) => {
    const request = get({ ...options, timeout: TIMEOUT_MS, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        if (text.length < 1000) text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", () => resolve(undefined));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
  });
}
