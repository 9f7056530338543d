import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  createTemporaryFolder,
  eventually,
  startNtfyServer,
  startStandalone,
  type TemporaryFolder,
  type TestNtfyServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);

/** For `env`. */
const assigned = (env: Record<string, string>): string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);

const PING_KEY = "a-ping-key-of-the-tests";
const API_KEY = "an-api-key-of-the-tests-32-chars";

interface ApiPing {
  readonly type: string;
  readonly n: number;
  readonly method: string;
  readonly ua: string;
  readonly scheme: string;
  readonly rid: string | null;
  readonly duration?: number;
  readonly body_url: string | null;
}

interface ApiCheck {
  readonly uuid: string;
  readonly slug: string;
  readonly status: string;
  readonly started: boolean;
  readonly last_duration?: number;
  readonly ping_url: string;
}

describe("heartbeats of real clients", () => {
  let folder: TemporaryFolder;
  let ntfy: TestNtfyServer;
  let standalone: TestStandalone;
  let checks: Map<string, ApiCheck>;

  const api = async <T>(path: string): Promise<T> => {
    const response = await fetch(standalone.heartbeatUrl + path, { headers: { "X-Api-Key": API_KEY } });
    expect(response.status).toBe(200);
    return response.json() as Promise<T>;
  };
  const urlOf = (slug: string): string => `${standalone.heartbeatUrl}/ping/${idOf(slug)}`;
  const idOf = (slug: string): string => {
    const check = checks.get(slug);
    if (check === undefined) throw new Error(`no check ${slug}`);
    return check.uuid;
  };
  const checkOf = async (slug: string): Promise<ApiCheck> => api(`/api/v3/checks/${idOf(slug)}`);
  /** Oldest first. */
  const pingsOf = async (slug: string): Promise<ApiPing[]> => {
    const { pings } = await api<{ readonly pings: readonly ApiPing[] }>(`/api/v3/checks/${idOf(slug)}/pings/`);
    return pings.toReversed();
  };
  const bodyOf = async (slug: string, n: number): Promise<string> => {
    const url = `${standalone.heartbeatUrl}/api/v3/checks/${idOf(slug)}/pings/${n}/body`;
    const response = await fetch(url, { headers: { "X-Api-Key": API_KEY } });
    return response.text();
  };
  /** As a crontab or a unit runs it. */
  const shell = async (command: string, env: Record<string, string> = {}): Promise<string> => {
    const { stdout } = await run("env", [...assigned(env), "sh", "-c", command]);
    return stdout;
  };

  beforeAll(async () => {
    folder = await createTemporaryFolder("heartbeat-clients");
    ntfy = await startNtfyServer();
    const configFile = join(folder.path, "heartbeat.yml");
    const alertmanagerFile = join(folder.path, "alertmanager.yml");
    await writeFile(
      configFile,
      `
projects:
  - name: servers
    ping_key: ${PING_KEY}
    api_key: ${API_KEY}
    channels:
      - {name: phone, kind: ntfy, url: "${ntfy.url}/direct", repeat: 1h}
    checks:
      - {name: Cron, slug: cron, timeout: 1h, channels: ""}
      - {name: Logs, slug: logs, timeout: 1h, channels: ""}
      - {name: Unit, slug: unit, timeout: 1h, channels: ""}
      - {name: Runs, slug: runs, timeout: 1h, channels: ""}
      - {name: Nightly backup, slug: backup, timeout: 1d, channels: "", tags: prod}
      - {name: Broken backup, slug: broken, timeout: 1d, tags: "prod severity=warning team=storage"}
`,
    );
    await writeFile(
      alertmanagerFile,
      `
route: {receiver: phone, group_by: [check], group_wait: 0s, group_interval: 1s}
receivers:
  - name: phone
    webhook_configs:
      - {url: "${ntfy.url}/alerts#ntfy"}
`,
    );
    standalone = await startStandalone({
      args: [`--heartbeat.config.file=${configFile}`, `--alertmanager.config.file=${alertmanagerFile}`],
    });
    const { checks: all } = await api<{ readonly checks: readonly ApiCheck[] }>("/api/v3/checks/");
    checks = new Map(all.map((check) => [check.slug, check]));
  });

  afterAll(async () => {
    await standalone?.stop();
    await ntfy?.close();
    await folder?.remove();
  });

  test("heartbeat - a line of a crontab, with start and exit status", async () => {
    const curl = "curl -fsS -m 10 --retry 5";
    expect(await shell(`${curl} -o /dev/null ${urlOf("cron")}`)).toBe("");
    expect(await shell(`${curl} ${urlOf("cron")}/start; true; ${curl} ${urlOf("cron")}/$?`)).toBe("OKOK");
    await shell(`sh -c 'exit 3'; ${curl} ${urlOf("cron")}/$?`);
    expect((await pingsOf("cron")).map(({ type }) => type)).toEqual(["success", "start", "success", "fail"]);
    expect(await checkOf("cron")).toMatchObject({ status: "down", started: false });
    await shell(`${curl} ${standalone.heartbeatUrl}/ping/${PING_KEY}/cron`);
    expect(await checkOf("cron")).toMatchObject({ status: "up" });
    await expect(shell(`${curl} --retry 0 ${standalone.heartbeatUrl}/ping/${PING_KEY}/none`)).rejects.toThrow("404");
  });

  test("heartbeat - output as the body: kept byte for byte, listed right after the answer", async () => {
    const script = 'm=$(printf "line 1\\nünï & more\\n" 2>&1); curl -fsS -m 10 --retry 5 --data-raw "$m" "$URL"/$?';
    await shell(script, { URL: urlOf("logs") });
    const [ping] = await pingsOf("logs");
    expect(ping).toMatchObject({ type: "success", method: "POST", n: 1, scheme: "http" });
    expect(ping?.ua).toMatch(/^curl\//);
    expect(await bodyOf("logs", 1)).toBe("line 1\nünï & more");
    await shell('head -c 70000 /dev/urandom | curl -fsS --data-binary @- "$URL"/fail', { URL: urlOf("logs") });
    const { pings } = await api<{ pings: ApiPing[] }>(`/api/v3/checks/${idOf("logs")}/pings/`);
    expect(pings.map(({ n }) => n)).toEqual([2, 1]);
  });

  test("heartbeat - a systemd unit: exit statuses and names of signals", async () => {
    for (const EXIT_STATUS of ["0", "1", "TERM", "KILL"]) {
      await shell('curl -fsS -m 10 --retry 5 "$URL/start"; curl -fsS -m 10 --retry 5 "$URL/${EXIT_STATUS}"', {
        URL: urlOf("unit"),
        EXIT_STATUS,
      });
    }
    const ended = (await pingsOf("unit")).filter(({ type }) => type !== "start");
    expect(ended.map(({ type }) => type)).toEqual(["success", "fail", "fail", "fail"]);
  });

  test("heartbeat - runs that overlap are told apart by their ids", async () => {
    const [first, second] = ["aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb", "AAAAAAAA-1111-4222-8333-CCCCCCCCCCCC"];
    for (const step of [`/start?rid=${first}`, `/start?rid=${second}`, `?rid=${second}`, `?rid=${first}`]) {
      await shell(`curl -fsS "${urlOf("runs")}${step}"`);
    }
    const pings = await pingsOf("runs");
    expect(pings.map(({ rid }) => rid)).toEqual([first, second.toLowerCase(), second.toLowerCase(), first]);
    expect(pings.map(({ duration }) => duration !== undefined)).toEqual([false, false, true, false]);
    await expect(shell(`curl -fsS "${urlOf("runs")}?rid=1"`)).rejects.toThrow("400");
  });

  const home = (): string[] => assigned({ HOME: folder.path, BORG_BASE_DIR: folder.path, LC_ALL: "C.UTF-8" });
  const borgmatic = async (slug: string, repository: string): Promise<void> => {
    const source = join(folder.path, "source");
    await mkdir(source, { recursive: true });
    await writeFile(join(source, "data.txt"), "kept for ever\n".repeat(1000));
    const configFile = join(folder.path, `${slug}.yaml`);
    await writeFile(
      configFile,
      `
location:
    source_directories: [${source}]
    repositories: [${repository}]
storage:
    relocated_repo_access_is_ok: true
    unknown_unencrypted_repo_access_is_ok: true
hooks:
    before_backup: [sleep 2]
    healthchecks:
        ping_url: ${urlOf(slug)}
`,
    );
    await run("env", [...home(), "borgmatic", "create", "--config", configFile, "--verbosity", "1", "--list"]);
  };

  test("heartbeat - borgmatic makes a backup: start, log and finish arrive, and the time is right", async () => {
    const repository = join(folder.path, "repository");
    await run("env", [...home(), "borg", "init", "--encryption=none", repository]);
    const startMs = Date.now();
    await borgmatic("backup", repository);
    const tookMs = Date.now() - startMs;
    const pings = await pingsOf("backup");
    const types = pings.map(({ type }) => type);
    expect(types[0]).toBe("start");
    expect(types.at(-1)).toBe("success");
    const finish = pings.at(-1);
    expect(await bodyOf("backup", finish?.n ?? 0)).toContain("data.txt");
    expect(finish?.duration).toBeGreaterThanOrEqual(2);
    expect(finish?.duration).toBeLessThan(tookMs / 1000);
    expect(await checkOf("backup")).toMatchObject({ status: "up", started: false });
    expect((await checkOf("backup")).last_duration).toBe(Math.floor(finish?.duration ?? 0));
  });

  test("heartbeat - a backup that fails reaches the phone, directly and through the alertmanager", async () => {
    await expect(borgmatic("broken", join(folder.path, "missing"))).rejects.toThrow();
    expect(await checkOf("broken")).toMatchObject({ status: "down" });
    const direct = await eventually(() => ntfy.messages("direct")[0], { timeoutMs: 20_000 });
    expect(direct).toMatchObject({ title: "Broken backup is DOWN", priority: 4 });
    expect(direct.message).toContain("The job reported a failure.");
    expect(direct.message).toContain("missing");

    const alert = await eventually(() => ntfy.messages("alerts").find(({ title }) => title?.includes("Broken")), {
      timeoutMs: 20_000,
    });
    expect(`${alert.title} ${alert.message}`).toContain("Broken backup has failed");
    const response = await fetch(`${standalone.alertmanagerUrl}/api/v2/alerts?filter=check="Broken+backup"`);
    expect(await response.json()).toMatchObject([
      {
        labels: {
          alertname: "HeartbeatDown",
          check: "Broken backup",
          slug: "broken",
          project: "servers",
          tags: "prod severity=warning team=storage",
          severity: "warning",
          team: "storage",
        },
        annotations: { summary: "Broken backup has failed", output: expect.stringContaining("missing") },
      },
    ]);
    await shell(`curl -fsS ${urlOf("broken")}`);
    const back = await eventually(() => ntfy.messages("direct")[1], { timeoutMs: 20_000 });
    expect(back).toMatchObject({ title: "Broken backup is UP" });
    const resolved = "[RESOLVED] HeartbeatDown (Broken backup)";
    await eventually(() => ntfy.messages("alerts").some(({ title }) => title === resolved), { timeoutMs: 20_000 });
    expect(ntfy.messages("direct")).toHaveLength(2);
  });
});
