import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

import { runCommand } from "./run-command.mjs";

const EXTRA_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
const APT_LISTS = "/var/lib/apt/lists";

/** What may be needed: the programs (any of them will do), and what they are called by apt and by Homebrew. */
export const SYSTEM_PACKAGES = {
  nats: { programs: ["nats-server"], apt: "nats-server", brew: "nats-server" },
  redis: { programs: ["redis-server", "valkey-server"], apt: "redis-server", brew: "redis" },
  nodeExporter: {
    programs: ["prometheus-node-exporter", "node_exporter"],
    apt: "prometheus-node-exporter",
    brew: "node_exporter",
  },
  prometheus: { programs: ["prometheus"], apt: "prometheus", brew: "prometheus" },
  curl: { programs: ["curl"], apt: "curl", brew: "curl" },
  borgbackup: { programs: ["borg"], apt: "borgbackup", brew: "borgbackup" },
  borgmatic: { programs: ["borgmatic"], apt: "borgmatic", brew: "borgmatic" },
  alertmanager: { programs: ["amtool"], apt: "prometheus-alertmanager", brew: "alertmanager" },
};

/**
 * Makes sure that the programs of these packages are there: from the PATH, else by apt. Ends the process with the
 * commands to type when it cannot install what is missing.
 */
export async function ensureSystemPackages(names) {
  const missing = missingOf(names);
  if (missing.length === 0) return;
  const packages = missing.map((name) => SYSTEM_PACKAGES[name].apt);
  console.log(`Not installed yet: ${packages.join(", ")}`);
  const asRoot = rootPrefix();
  if (hasProgram("apt-get") && asRoot !== undefined) await installByApt(asRoot, packages);
  const still = missingOf(names);
  if (still.length > 0) explainAndExit(still, names);
}

function missingOf(names) {
  return names.filter((name) => !SYSTEM_PACKAGES[name].programs.some(hasProgram));
}

function hasProgram(program) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...EXTRA_FOLDERS];
  return folders.some((folder) => folder !== "" && isExecutable(join(folder, program)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** How to run a command as root: as we are, by sudo without a password, or by asking at the terminal. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!hasProgram("sudo")) return undefined;
  if (spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0) return ["sudo", "-n"];
  return process.stdin.isTTY ? ["sudo"] : undefined;
}

async function installByApt(asRoot, packages) {
  const apt = async (...args) => {
    const [command, ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...args];
    console.log(`> ${[command, ...rest].join(" ")}`);
    return runCommand(command, rest, { signOfLife: true });
  };
  const install = async () => apt("install", "--yes", "--no-install-recommends", ...packages);
  const services = await holdServices(asRoot, packages);
  try {
    const listed = existsSync(APT_LISTS) && readdirSync(APT_LISTS).some((file) => file.includes("_Packages"));
    if (!listed) await apt("update");
    // Lists of last month may name files that the mirror no longer has.
    if ((await install()) !== 0 && listed && (await apt("update")) === 0) await install();
  } finally {
    await services.release();
  }
}

/**
 * Debian's packages start what they install as services (Prometheus on the very port 9090). Where systemd runs, keep
 * them from starting now and at the next boot; they stay installed and can be enabled by hand.
 */
async function holdServices(asRoot, packages) {
  if (!existsSync("/run/systemd/system")) return { release: async () => undefined };
  const units = packages.map((name) => `${name}.service`);
  const systemctl = async (...args) => {
    const [command, ...rest] = [...asRoot, "systemctl", "--quiet", ...args, ...units];
    await runCommand(command, rest);
  };
  await systemctl("mask", "--runtime");
  return {
    release: async () => {
      await systemctl("unmask", "--runtime");
      await systemctl("disable");
    },
  };
}

function explainAndExit(missing, names) {
  const of = (kind, list) => list.map((name) => SYSTEM_PACKAGES[name][kind]).join(" ");
  console.error(`
Could not install what is missing: ${of("apt", missing)}. Install it and run the command again:

  Debian, Ubuntu:   sudo apt-get update && sudo apt-get install --no-install-recommends ${of("apt", missing)}
  macOS:            brew install ${of("brew", missing)}
${dockerAdvice(names)}
`);
  process.exit(1);
}

/** For the tests there is none: they start and kill the programs themselves. */
function dockerAdvice(names) {
  if (names.includes("prometheus"))
    return "  docker:           not for the tests, which start and kill these programs themselves";
  return `  docker compose:   docker compose -f deploy/compose.servers.yaml up --detach
                    npm start -- --nats.url=nats://127.0.0.1:4222 --redis.url=redis://127.0.0.1:6379 --config.file=prometheus.yml`;
}
