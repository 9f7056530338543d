import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  startNats,
  startProgram,
  type TemporaryFolder,
  type TestServer,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf, checkHealth } from "../../tools/image/health-check.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const MAX_PAYLOAD_BYTES = 12 * 2 ** 20;
const ROLES = [
  "scraper",
  "gateway",
  "ingester",
  "query",
  "ruler",
  "alertmanager",
  "heartbeat",
  "compactor",
  "standalone",
];

/** One instruction of the Dockerfile, lines put together. */
interface Instruction {
  readonly name: string;
  readonly words: string;
}

function readDockerfile(): Instruction[] {
  const text = readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ");
  return [...text.matchAll(/^([A-Z]+) +(.+)$/gm)].map(([, name = "", words = ""]) => ({ name, words }));
}

const instructions = readDockerfile();
const secondStageAt = instructions.findLastIndex(({ name }) => name === "FROM");
const buildStage = instructions.slice(0, secondStageAt);
const imageStage = instructions.slice(secondStageAt);

/** The build stage in a folder of its own: its copies, with the packages that are installed here, and its commands. */
function runBuildStage(folder: string): string {
  const source = join(folder, "src");
  const out = join(folder, "out");
  mkdirSync(source, { recursive: true });
  for (const { name, words } of buildStage) {
    const paths = words.split(/ +/).filter((word) => !word.startsWith("--"));
    if (name === "COPY") for (const path of paths.slice(0, -1)) copyTracked(path, source, paths.at(-1) ?? "");
    if (name !== "RUN") continue;
    linkPackages(source);
    execFileSync("sh", ["-c", words.replaceAll("/out/", `${out}/`)], { cwd: source, stdio: "pipe" });
  }
  return out;
}

/** Files as they stand here, without those that .dockerignore leaves out. */
function copyTracked(path: string, source: string, target: string): void {
  const isFolder = statSync(join(ROOT, path)).isDirectory();
  const filter = (from: string): boolean => !from.includes("node_modules") && !from.endsWith(".test.ts");
  cpSync(join(ROOT, path), isFolder ? join(source, target) : join(source, target, path), { recursive: true, filter });
}

/** What `npm install` would put there, but for our own packages, which are those of the copy. */
function linkPackages(source: string): void {
  const modules = join(source, "node_modules");
  mkdirSync(join(modules, "@monotreme"), { recursive: true });
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== "@monotreme") symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  for (const kind of ["libs", "services"]) {
    for (const name of readdirSync(join(source, kind)))
      symlinkSync(join(source, kind, name), join(modules, "@monotreme", name));
  }
}

describe("the image", () => {
  let folder: TemporaryFolder;
  let nats: TestServer;
  let payload: string;
  let command: string;

  beforeAll(async () => {
    folder = await createTemporaryFolder("image");
    const out = runBuildStage(folder.path);
    // As in the image: nothing else is there, no packages above it either.
    payload = join(folder.path, "opt/monotreme");
    cpSync(join(out, "opt/monotreme"), payload, { recursive: true });
    command = join(payload, "monotreme.mjs");
    nats = await startNats();
  });
  afterAll(async () => {
    await nats?.stop();
    await folder?.remove();
  });

  test("its second stage copies only what the first has made, runs as nobody and checks its own health", () => {
    const of = (name: string): string[] => imageStage.filter((one) => one.name === name).map(({ words }) => words);
    for (const words of of("COPY")) expect(words).toMatch(/^--from=build --chown=\d+:\d+ \/out\//);
    expect(of("USER")).toEqual(["65532:65532"]);
    expect(of("RUN")).toEqual([]);
    expect(of("HEALTHCHECK")[0]).toContain('"/opt/monotreme/monotreme.mjs", "healthcheck"');
    expect(of("ENTRYPOINT")).toEqual(['["/nodejs/bin/node", "/opt/monotreme/monotreme.mjs"]']);
    expect(of("FROM")[0]).toContain("nodejs24");
  });

  test("is small, and has neither packages nor the embedded ClickHouse", () => {
    const files = readdirSync(payload);
    expect(files.every((name) => name.endsWith(".mjs"))).toBe(true);
    const sizeBytes = files.reduce((sum, name) => sum + statSync(join(payload, name)).size, 0);
    expect(sizeBytes).toBeLessThan(MAX_PAYLOAD_BYTES);
  });

  test.each(ROLES)("%s starts as a command of it and shows its flags", (role) => {
    const text = execFileSync(process.execPath, [command, role, "--help"], { cwd: payload, encoding: "utf8" });
    expect(text).toContain(`monotreme ${role} `);
    expect(text).toContain("--web.listen-address");
  });

  test("commands about blocks are the compactor's", () => {
    const { stdout } = spawnSync(process.execPath, [command, "blocks", "--help"], { encoding: "utf8" });
    expect(stdout).toContain("rebuild");
  });

  test("a role that does not exist is told, with those that do", () => {
    const run = (): string =>
      execFileSync(process.execPath, [command, "scrapper"], { encoding: "utf8", stdio: "pipe" });
    expect(run).toThrow(/There is no role scrapper[^]*alertmanager\|/);
  });

  test("a role starts from it with nothing but Node, tells its health, and ends in order", async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    const flags = [`--nats.url=${nats.url}`, `--web.listen-address=${address}`];
    const containerCommand = [process.execPath, command, "gateway", ...flags];
    const silenced = { NODE_PATH: "" };
    expect(await checkHealth([], containerCommand, silenced)).toBe(1);
    const role = await startProgram(process.execPath, [command, "gateway", ...flags], {
      cwd: payload,
      readyPattern: /msg=ready/,
    });
    try {
      expect((await fetch(`http://${address}/-/healthy`)).status).toBe(200);
      expect(await checkHealth([], containerCommand, {})).toBe(0);
      expect(await checkHealth(["--ready"], containerCommand, {})).toBe(0);
    } finally {
      expect(await role.stop()).toBe(0);
    }
  });

  test.each([
    [["query"], {}, { host: "localhost", port: 9090, prefix: "" }],
    [["gateway", "--web.listen-address=0.0.0.0:1"], {}, { host: "localhost", port: 1, prefix: "" }],
    [["gateway", "--web.listen-address", "[::1]:2"], {}, { host: "::1", port: 2, prefix: "" }],
    [["ruler"], { MONOTREME_WEB_LISTEN_ADDRESS: "10.0.0.1:3" }, { host: "10.0.0.1", port: 3, prefix: "" }],
    [["query", "--web.external-url=https://a/b/c/"], {}, { host: "localhost", port: 9090, prefix: "/b/c" }],
    [
      ["query", "--web.route-prefix=/"],
      { MONOTREME_WEB_EXTERNAL_URL: "https://a/b" },
      { host: "localhost", port: 9090, prefix: "" },
    ],
    [["nonsense"], {}, undefined],
  ])("health check - %j with %j", (words, environment, expected) => {
    expect(addressOf(["/sbin/init", "--", "node", "/opt/monotreme/monotreme.mjs", ...words], environment)).toEqual(
      expected,
    );
  });
});
