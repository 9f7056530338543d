import { writeFile } from "node:fs/promises";
import { findFreePort } from "@monotreme/standalone";
import {
  eventually,
  startAlertmanager,
  startNats,
  startRedis,
  startStandalone,
  type TestAlertmanager,
  type TestServer,
  type TestStandalone,
} from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const CONFIG = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n";
const UNKNOWN_ID = "11111111-2222-4333-8444-555555555555";

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function ask(url: string, method = "GET", body?: unknown): Promise<Answer> {
  const payload =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(url, { method, ...payload });
  return { status: response.status, text: await response.text() };
}

async function json(url: string, method = "GET", body?: unknown) {
  const { status, text } = await ask(url, method, body);
  expect(status, `${method} ${url}: ${text}`).toBe(200);
  return text === "" ? undefined : JSON.parse(text);
}

function silence(changes: object = {}): object {
  return {
    matchers: [{ name: "alertname", value: "Down", isRegex: false, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: "operator",
    comment: "maintenance",
    ...changes,
  };
}

const DOWN = { labels: { alertname: "Down", instance: "a" }, annotations: {}, generatorURL: "http://prometheus/graph" };

describe("alertmanager alone", () => {
  let alertmanager: TestAlertmanager;

  beforeAll(async () => {
    alertmanager = await startAlertmanager({
      configYaml: CONFIG,
      args: [
        "--web.external-url=http://example.org/am/",
        "--cluster.listen-address=",
        "--data.maintenance-interval=15m",
        "--silences.max-silences=100",
      ],
    });
  });
  afterAll(async () => {
    await alertmanager?.stop();
  });

  test("serves below the path of its external address", async () => {
    const base = `${alertmanager.url}/am`;
    for (const path of ["/-/healthy", "/-/ready"]) {
      expect(await ask(base + path)).toEqual({ status: 200, text: "OK" });
      expect((await ask(base + path, "HEAD")).status).toBe(200);
    }
    const page = await fetch(`${base}/`);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await page.text()).toContain("<title>Alertmanager</title>");
    expect((await ask(`${alertmanager.url}/api/v2/status`)).status).toBe(404);
    expect((await ask(`${base}/api/v1/alerts`)).status).toBe(410);
    const swagger = await json(`${base}/api/v2/swagger.json`);
    expect(swagger).toMatchObject({ swagger: "2.0", basePath: "/am/api/v2" });
  });

  test("has upstream's metrics from the start", async () => {
    const { text } = await ask(`${alertmanager.url}/am/metrics`);
    for (const line of [
      'alertmanager_notifications_total{integration="pagerduty"} 0',
      'alertmanager_notifications_failed_total{integration="webhook",reason="serverError"} 0',
      'alertmanager_alerts_received_total{status="firing",version="v2"} 0',
      'alertmanager_silences{state="pending"} 0',
      "alertmanager_config_last_reload_successful 1",
      "alertmanager_cluster_members 1",
      "alertmanager_cluster_enabled 1",
    ]) {
      expect(text.split("\n")).toContain(line);
    }
    expect(text).toMatch(/^alertmanager_config_hash [1-9]\d+$/m);
    expect(text).toMatch(/^alertmanager_build_info\{.*\} 1$/m);
  });

  test("a broken configuration changes nothing, over HTTP and by SIGHUP", async () => {
    const base = `${alertmanager.url}/am`;
    await writeFile(alertmanager.configFile, "route: {receiver: missing}\nreceivers: [{name: nobody}]\n");
    const refused = await ask(`${base}/-/reload`, "POST");
    expect(refused.status).toBe(500);
    expect(refused.text).toMatch(/^failed to reload config: [^]*missing/);
    expect((await ask(`${base}/metrics`)).text).toContain("alertmanager_config_last_reload_successful 0");
    expect((await json(`${base}/api/v2/receivers`))[0]).toMatchObject({ name: "nobody" });

    await writeFile(alertmanager.configFile, "route: {receiver: other}\nreceivers: [{name: other}]\n");
    const { pid } = alertmanager.program;
    if (pid !== undefined) process.kill(pid, "SIGHUP");
    await eventually(async () => (await json(`${base}/api/v2/receivers`))[0].name === "other");
    expect((await json(`${base}/api/v2/status`)).config.original).toContain("receiver: other");
    expect((await ask(`${base}/metrics`)).text).toContain("alertmanager_config_last_reload_successful 1");
  });

  test("alerts and silences outlive a kill", async () => {
    const base = `${alertmanager.url}/am`;
    await json(`${base}/api/v2/alerts`, "POST", [{ ...DOWN, endsAt: new Date(Date.now() + 3_600_000).toISOString() }]);
    const { silenceID } = await json(`${base}/api/v2/silences`, "POST", silence());
    await alertmanager.program.stop("SIGKILL");
    const again = await startAlertmanager({ configYaml: CONFIG, storagePath: alertmanager.storagePath });
    try {
      expect(await json(`${again.url}/api/v2/alerts`)).toMatchObject([
        { labels: DOWN.labels, status: { state: "suppressed", silencedBy: [silenceID] } },
      ]);
      await json(`${again.url}/api/v2/silence/${silenceID}`, "DELETE");
      expect((await json(`${again.url}/api/v2/alerts`))[0].status.state).toBe("active");
    } finally {
      await again.stop();
    }
  });
});

describe("two alertmanagers on one NATS", () => {
  let nats: TestServer;
  let redis: TestServer;
  let replicas: TestAlertmanager[] = [];

  beforeAll(async () => {
    [nats, redis] = await Promise.all([startNats(), startRedis()]);
    const args = [`--nats.url=${nats.url}`, `--redis.url=${redis.url}`];
    replicas = await Promise.all([0, 1].map(async () => startAlertmanager({ configYaml: CONFIG, args })));
  });
  afterAll(async () => {
    await Promise.all(replicas.map(async (replica) => replica.stop()));
    await Promise.all([nats?.stop(), redis?.stop()]);
  });

  const urls = (): [string, string] => {
    const [left, right] = replicas.map(({ url }) => url);
    if (left === undefined || right === undefined) throw new Error("a replica is missing");
    return [left, right];
  };

  test("each shows both as its cluster, and one of them dispatches", async () => {
    for (const url of urls()) {
      await eventually(async () => (await json(`${url}/api/v2/status`)).cluster.peers.length === 2);
    }
    const positions = async (): Promise<string[]> => {
      const texts = await Promise.all(urls().map(async (url) => (await ask(`${url}/metrics`)).text));
      return texts.map((text) => /^alertmanager_peer_position (\d+)$/m.exec(text)?.[1] ?? "").sort();
    };
    await eventually(async () => (await positions()).join() === "0,1");
  });

  test("what one takes in the other shows, silences changed by both included", async () => {
    const [left, right] = urls();
    await json(`${left}/api/v2/alerts`, "POST", [DOWN]);
    const { silenceID } = await json(`${right}/api/v2/silences`, "POST", silence());
    for (const url of [left, right]) {
      await eventually(async () => (await json(`${url}/api/v2/alerts`))[0]?.status.silencedBy[0] === silenceID);
    }
    const longer = silence({ id: silenceID, endsAt: new Date(Date.now() + 7_200_000).toISOString() });
    const shown = await json(`${left}/api/v2/silence/${silenceID}`);
    expect((await json(`${left}/api/v2/silences`, "POST", { ...longer, startsAt: shown.startsAt })).silenceID).toBe(
      silenceID,
    );
    await json(`${right}/api/v2/silence/${silenceID}`, "DELETE");
    for (const url of [left, right]) {
      await eventually(async () => (await json(`${url}/api/v2/silence/${silenceID}`)).status.state === "expired");
      expect((await ask(`${url}/api/v2/silence/${UNKNOWN_ID}`)).status).toBe(404);
    }
  });

  test("an acknowledgement on one holds on both", async () => {
    const [left, right] = urls();
    const [{ fingerprint }] = await json(`${left}/api/v2/alerts`);
    const body = { fingerprints: [fingerprint], createdBy: "operator" };
    const { silenceIDs } = await json(`${right}/api/v2/alerts/acknowledge`, "POST", body);
    await eventually(async () => {
      expect((await json(`${left}/api/v2/alerts`))[0].status.silencedBy).toEqual(silenceIDs);
      return true;
    });
  });
});

describe("alertmanagers that are given each other as peers", () => {
  const replicas: TestAlertmanager[] = [];

  afterAll(async () => {
    // The first keeps the state of all.
    for (const replica of replicas.reverse()) await replica.stop();
  });

  test("form a cluster on this machine, as upstream's do", async () => {
    const ports = [await findFreePort(), await findFreePort()].sort((left, right) => left - right);
    const peers = ports.map((port) => `--cluster.peer=127.0.0.1:${port}`);
    const starts = ports.map(async (port) =>
      startAlertmanager({ configYaml: CONFIG, args: [`--cluster.listen-address=127.0.0.1:${port}`, ...peers] }),
    );
    replicas.push(...(await Promise.all(starts)));
    for (const { url } of replicas) {
      await eventually(async () => (await json(`${url}/api/v2/status`)).cluster.peers.length === 2);
    }
    const [left, right] = replicas.map(({ url }) => url);
    const { silenceID } = await json(`${left}/api/v2/silences`, "POST", silence());
    await eventually(async () => (await ask(`${right}/api/v2/silence/${silenceID}`)).status === 200);
  });
});

describe("standalone with its alertmanager", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startStandalone();
  });
  afterAll(async () => {
    await standalone?.stop();
  });

  test("serves it on its own address and keeps its history in ClickHouse", async () => {
    const base = standalone.alertmanagerUrl;
    expect(await ask(`${base}/-/ready`)).toEqual({ status: 200, text: "OK" });
    await json(`${base}/api/v2/alerts`, "POST", [DOWN]);
    expect(await json(`${base}/api/v2/alerts`)).toMatchObject([{ labels: DOWN.labels }]);
    await eventually(async () => {
      expect(await json(`${base}/api/v2/history/alerts`)).toMatchObject([
        { change: "firing", labels: DOWN.labels, generatorURL: DOWN.generatorURL },
      ]);
      return true;
    });
    expect(await json(`${base}/api/v2/history/notifications`)).toEqual([]);
    expect(await json(`${base}/api/v2/notifications/failed`)).toEqual([]);
  });
});
