import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAlertmanagerConfig } from "@monotreme/alertmanager-config";
import { loadPrometheusConfig } from "@monotreme/prometheus-config";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { DEFAULT_PORTS } from "../../tools/image/health-check.mjs";
import {
  type ComposeService,
  interpolate,
  parseComposeFile,
  readComposeFile,
  variablesOf,
} from "./deploy/compose-file.ts";
import { faultsOf, filesOf, flagsOf, portsOf, type RoleCommand } from "./deploy/roles.ts";
import { ROOT } from "./workspace.ts";

const DEPLOY = join(ROOT, "deploy");
const composeText = readFileSync(join(DEPLOY, "compose.yaml"), "utf8");
const exampleText = readFileSync(join(DEPLOY, ".env.example"), "utf8");
const example = Object.fromEntries(
  [...exampleText.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
);
const values = { ...Object.fromEntries(variablesOf(composeText).map((name) => [name, "made-up"])), ...filled(example) };
const compose = parseComposeFile(interpolateAll(composeText));
const services = Object.entries(compose.services);
const roleServices = services.filter(([, service]) => service.build !== undefined);

function filled(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value === "" ? "secret" : value]));
}

/** Compose fills variables into values, after it has read the file: what they hold is always text. */
function interpolateAll(text: string): string {
  return interpolate(JSON.stringify(parse(text, { merge: true })), values);
}

function commandOf(service: ComposeService): RoleCommand {
  const [role = "", ...argv] = service.command ?? [];
  return { role, argv, environment: service.environment ?? {} };
}

describe("deploy/compose.yaml", () => {
  test("has what the schema of Compose allows before and after its variables are filled in", () => {
    expect(() => readComposeFile(join(DEPLOY, "compose.yaml"))).not.toThrow();
    expect(() => readComposeFile(join(DEPLOY, "compose.servers.yaml"))).not.toThrow();
    expect(roleServices.map(([name]) => name).sort()).toEqual(
      expect.arrayContaining([
        "alertmanager",
        "compactor",
        "gateway",
        "heartbeat",
        "ingester",
        "query",
        "ruler",
        "scraper",
        "standalone",
      ]),
    );
  });

  test("a key that Compose does not know is a fault", () => {
    expect(() => parseComposeFile(composeText.replace("restart: unless-stopped", "restarts: always"))).toThrow(
      /restarts/,
    );
  });

  test("asks for the variables of .env.example, and for no others", () => {
    const named = Object.keys(example).filter((name) => name !== "COMPOSE_PROFILES");
    expect(variablesOf(composeText)).toEqual(named.sort());
  });

  test.each(roleServices)("%s is a command that the code takes", (_name, service) => {
    expect(faultsOf(commandOf(service))).toEqual([]);
  });

  test.each(roleServices)(
    "%s listens where others look for it, reads files that are there, and asks for its readiness",
    (name, service) => {
      const command = commandOf(service);
      const listening = portsOf(command);
      for (const published of service.ports ?? []) expect(listening).toContain(Number(published.split(":").at(-1)));
      for (const file of filesOf(command)) {
        const source = mountedSource(service, file);
        expect(source, `${name}: ${file} is not mounted`).toBeDefined();
        expect(existsSync(join(DEPLOY, source ?? "")), `${name}: ${source}`).toBe(true);
      }
      expect(service.healthcheck?.test.slice(-2)).toEqual(["healthcheck", "--ready"]);
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    },
  );

  test.each(services)("%s depends on services that exist and report their health, and has limits", (_name, service) => {
    for (const [dependency, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = compose.services[dependency];
      expect(other, dependency).toBeDefined();
      if (condition === "service_healthy") expect(other?.healthcheck, dependency).toBeDefined();
    }
    expect(service.deploy?.resources.limits).toBeDefined();
    for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
    for (const volume of service.volumes ?? []) {
      const source = volume.split(":")[0] ?? "";
      if (/^[a-z]/.test(source)) expect(compose.volumes).toHaveProperty(source);
      else if (source.startsWith("./")) expect(existsSync(join(DEPLOY, source)), source).toBe(true);
    }
  });

  test("the health check of the image knows where every role listens by itself", () => {
    for (const [role, port] of Object.entries(DEFAULT_PORTS)) {
      if (role === "console") continue;
      expect(Object.values(flagsOf(role)).find(({ name }) => name === "web.listen-address")?.defaultText).toBe(
        `127.0.0.1:${port}`,
      );
    }
  });
});

/** The file of ours that a path in the container is. */
function mountedSource(service: ComposeService, path: string): string | undefined {
  for (const volume of service.volumes ?? []) {
    const [source = "", target = ""] = volume.split(":");
    if (path === target) return source;
    if (path.startsWith(`${target}/`)) return join(source, path.slice(target.length));
  }
  return undefined;
}

describe("deploy: the files beside compose.yaml", () => {
  test.each(["prometheus.yml", "standalone.yml"])("%s scrapes addresses that the containers have", async (file) => {
    const config = await loadPrometheusConfig(join(DEPLOY, "prometheus", file), {});
    expect(config.ruleFiles.length).toBeGreaterThan(0);
    const aliases = new Map(
      services.flatMap(([name, service]) =>
        [name, ...(service.networks?.["default"]?.aliases ?? [])].map((alias) => [alias, service]),
      ),
    );
    for (const { jobName } of config.scrapeConfigs) {
      for (const address of addressesOf(file, jobName))
        expect([...aliases.keys()], `${jobName}: ${address}`).toContain(address.split(":")[0]);
    }
  });

  test("alertmanager.yml sends to the ntfy beside it", async () => {
    const path = join(DEPLOY, "alertmanager/alertmanager.yml");
    const text = readFileSync(path, "utf8");
    expect(() =>
      parseAlertmanagerConfig({ fileName: path, folder: join(DEPLOY, "alertmanager"), text }, {}),
    ).not.toThrow();
    const hosts = [...text.matchAll(/url: http:\/\/([a-z-]+)/g)].map(([, host]) => host);
    expect(hosts).toEqual(["ntfy"]);
    expect(compose.services).toHaveProperty("ntfy");
  });

  test("Grafana's data sources are services, and its dashboards' folder is mounted", () => {
    const provisioning: { datasources: { url: string }[] } = parse(
      readFileSync(join(DEPLOY, "grafana/provisioning/datasources/monotreme.yaml"), "utf8"),
    );
    for (const { url } of provisioning.datasources) {
      const { hostname, port } = new URL(url);
      const service = compose.services[hostname];
      expect(service, url).toBeDefined();
      if (service !== undefined) expect(portsOf(commandOf(service))).toContain(Number(port));
    }
    const providers: { providers: { options: { path: string } }[] } = parse(
      readFileSync(join(DEPLOY, "grafana/provisioning/dashboards/monotreme.yaml"), "utf8"),
    );
    const targets = compose.services["grafana"]?.volumes?.map((volume) => volume.split(":")[1]);
    for (const { options } of providers.providers) expect(targets).toContain(options.path);
  });

  describe("init.sh", () => {
    let folder = "";
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "monotreme-deploy-"));
      for (const name of ["init.sh", ".env.example"]) cpSync(join(DEPLOY, name), join(folder, name));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test("fills in every password once, keeps them, and makes the secrets that compose mounts", () => {
      const run = (): string => {
        execFileSync("sh", [join(folder, "init.sh")]);
        return readFileSync(join(folder, ".env"), "utf8");
      };
      const first = run();
      expect([...first.matchAll(/^[A-Z]+_PASSWORD=(m[0-9a-f]{31})$/gm)]).toHaveLength(4);
      expect(run()).toBe(first);
      expect(statSync(join(folder, ".env")).mode & 0o077).toBe(0);
      for (const { file } of Object.values(compose.secrets ?? {})) {
        expect(readFileSync(join(folder, file), "utf8")).toMatch(/^m[0-9a-f]{31}$/);
      }
    });
  });
});

/** The static targets of a job, as the file says them. */
function addressesOf(file: string, jobName: string): string[] {
  const document: { scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[] } = parse(
    readFileSync(join(DEPLOY, "prometheus", file), "utf8"),
  );
  return document.scrape_configs
    .filter((job) => job.job_name === jobName)
    .flatMap((job) => job.static_configs.flatMap(({ targets }) => targets));
}
