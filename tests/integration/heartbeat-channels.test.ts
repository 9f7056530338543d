import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { findFreePort } from "@monotreme/standalone";
import {
  createTemporaryFolder,
  eventually,
  startNats,
  startRedis,
  type TemporaryFolder,
  type TestServer,
} from "@monotreme/testkit";
import { Redis } from "ioredis";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HeartbeatProcess } from "../chaos/heartbeat-process.ts";
import { MailServer } from "./receivers-mail-server.ts";

const API_KEY = "an-api-key-of-the-tests-32-chars";
const PING_KEY = "a-ping-key-of-the-tests";

interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly header: string;
  readonly body: string;
}

/** Keeps what it is asked, and answers with the status that the test wants. */
class Hook {
  readonly requests: SeenRequest[] = [];
  status = 200;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        this.requests.push({ method, url, header: String(headers["x-job"]), body: Buffer.concat(chunks).toString() });
        response.writeHead(this.status).end("secret answer");
      });
    });
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  of(path: string): SeenRequest[] {
    return this.requests.filter(({ url }) => url.startsWith(path));
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

describe("channels and mails of heartbeats", () => {
  const hook = new Hook();
  let mails: MailServer;
  let folder: TemporaryFolder;
  let nats: TestServer;
  let redis: TestServer;
  let heartbeat: HeartbeatProcess;
  let smtpPort: number;
  let ids: Map<string, string>;

  const ping = async (slug: string, suffix = "", body?: string): Promise<void> => {
    const init = body === undefined ? {} : { method: "POST", body };
    const response = await fetch(`${heartbeat.url}/ping/${ids.get(slug)}${suffix}`, init);
    expect(response.status).toBe(200);
  };
  const statusOf = async (slug: string): Promise<unknown> => {
    const response = await fetch(`${heartbeat.url}/api/v3/checks/${ids.get(slug)}`, {
      headers: { "X-Api-Key": API_KEY },
    });
    return Reflect.get(Object(await response.json()), "status");
  };

  beforeAll(async () => {
    folder = await createTemporaryFolder("heartbeat-channels");
    const hookPort = await findFreePort();
    smtpPort = await findFreePort();
    await hook.listen(hookPort);
    mails = await MailServer.start();
    const configFile = join(folder.path, "heartbeat.yml");
    const hookUrl = `http://127.0.0.1:${hookPort}`;
    await writeFile(
      configFile,
      `
projects:
  - name: servers
    ping_key: ${PING_KEY}
    api_key: ${API_KEY}
    channels:
      - name: hook
        kind: webhook
        down: {url: "${hookUrl}/down?name=$NAME&exit=$EXITSTATUS", headers: {X-Job: "$SLUG $TAG1"}, body: '{"name": $NAME_JSON, "log": $BODY_JSON}'}
        up: {method: GET, url: "${hookUrl}/up/$CODE"}
      - {name: flaky, kind: webhook, down: {url: "${hookUrl}/flaky/down"}, up: {url: "${hookUrl}/flaky/up"}}
      - {name: mail, kind: email, to: ops@example.org, from: heartbeat@example.org, smarthost: {host: 127.0.0.1, port: ${mails.port}}, require_tls: false}
    checks:
      - {name: 'Job "1" & co', slug: hooked, tags: prod, channels: hook}
      - {name: Flaky, slug: flaky, channels: flaky}
      - {name: Mailed, slug: mailed, desc: every night, channels: mail}
      - {name: By mail, slug: by-mail, channels: "", filter_subject: true, success_kw: OK, failure_kw: FAILED}
`,
    );
    [nats, redis] = await Promise.all([startNats(), startRedis()]);
    heartbeat = await HeartbeatProcess.start({
      natsUrl: nats.url,
      redisUrl: redis.url,
      flags: [`--heartbeat.config.file=${configFile}`, `--heartbeat.smtp.listen-address=127.0.0.1:${smtpPort}`],
    });
    const response = await fetch(`${heartbeat.url}/api/v3/checks/`, { headers: { "X-Api-Key": API_KEY } });
    const { checks } = (await response.json()) as { readonly checks: readonly { slug: string; uuid: string }[] };
    ids = new Map(checks.map(({ slug, uuid }) => [slug, uuid]));
  });

  afterAll(async () => {
    await heartbeat?.stop();
    hook.close();
    await mails?.close();
    await Promise.all([nats?.stop(), redis?.stop()]);
    await folder?.remove();
  });

  test("channels - a webhook has its placeholders filled in, and its own request when the check is back", async () => {
    await ping("hooked", "/3", 'disk "full"\n');
    const down = await eventually(() => hook.of("/down")[0]);
    expect(down).toEqual({
      method: "POST",
      url: "/down?name=Job%20%221%22%20%26%20co&exit=3",
      header: "hooked prod",
      body: '{"name": "Job \\"1\\" & co", "log": "disk \\"full\\"\\n"}',
    });
    await ping("hooked");
    const up = await eventually(() => hook.of("/up")[0]);
    expect(up).toMatchObject({ method: "GET", url: `/up/${ids.get("hooked")}`, body: "" });
  });

  test("channels - a notice is mailed", async () => {
    await ping("mailed", "/fail", "tail of the log");
    const mail = await eventually(() => mails.mails[0]);
    expect(mail).toMatchObject({ from: "heartbeat@example.org", to: ["ops@example.org"] });
    expect(mail.text).toContain("Subject: Mailed is DOWN");
    expect(mail.text).toContain("every night");
    expect(mail.text).toContain("tail of the log");
  });

  test("channels - while a service fails notices wait, over the loss of Redis, and come once and in order", async () => {
    hook.status = 500;
    await ping("flaky", "/fail");
    await eventually(() => hook.of("/flaky").length > 0);
    const faults = await eventually(async () => {
      const response = await fetch(`${heartbeat.url}/api/v3/channels/`, { headers: { "X-Api-Key": API_KEY } });
      const answer = await response.text();
      return answer.includes("last_error") && answer;
    });
    expect(JSON.parse(faults)).toMatchObject({
      channels: [{ name: "hook" }, { name: "flaky", last_error: "the server answered 500" }, { name: "mail" }],
    });
    await ping("flaky");
    await redis.kill();
    await redis.restart();
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    const before = hook.of("/flaky").length;
    expect(new Set(hook.of("/flaky").map(({ url }) => url))).toEqual(new Set(["/flaky/down"]));
    hook.status = 200;
    await eventually(() => hook.of("/flaky/up").length > 0, { timeoutMs: 60_000 });
    expect(
      hook
        .of("/flaky")
        .slice(before)
        .map(({ url }) => url),
    ).toEqual(["/flaky/down", "/flaky/up"]);
    expect(heartbeat.output()).not.toContain("secret answer");
  });

  test("mails - the recipient names the check, its subject says what happened, and all of it is the body", async () => {
    const transport = createTransport({ host: "127.0.0.1", port: smtpPort, secure: false, ignoreTLS: true });
    const send = async (to: string, subject: string): Promise<void> => {
      await transport.sendMail({ from: "root@host", to, subject, text: "the text" });
    };
    await send(`${ids.get("by-mail")}@checks.example`, "nightly OK");
    expect(await statusOf("by-mail")).toBe("up");
    await send(`${PING_KEY}+by-mail@checks.example`, "nightly FAILED");
    expect(await statusOf("by-mail")).toBe("down");
    await send(`${ids.get("by-mail")}@checks.example`, "a newsletter");
    expect(await statusOf("by-mail")).toBe("down");
    for (const stranger of ["root", ids.get("by-mail")?.toUpperCase(), `${PING_KEY}+none`, "wrong-ping-key+by-mail"]) {
      await expect(send(`${stranger}@checks.example`, "OK")).rejects.toThrow("550");
    }
    await expect(
      transport.sendMail({ from: "a@b", to: `${ids.get("by-mail")}@c`, text: "x".repeat(6 * 2 ** 20) }),
    ).rejects.toThrow("552");
    transport.close();
  });
});
