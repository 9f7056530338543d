import { copyFile, readFile, writeFile } from "node:fs/promises";
import { Agent, type RequestOptions, request } from "node:https";
import { request as plainRequest } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createApp, HttpListener } from "@monotreme/http";
import { ConfigFileError } from "@monotreme/prometheus-config";
import { createSilentLogger, Registry } from "@monotreme/telemetry";
import { createTemporaryFolder, eventually, type TemporaryFolder } from "@monotreme/testkit";
import { openWebSecurity, PasswordThread, type WebSecurity } from "@monotreme/web-config";
import { hashSync } from "bcryptjs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const FIXTURES = fileURLToPath(new URL("../fixtures/tls/", import.meta.url));
const ALICE = hashSync("opensesame", 4);
const USERS = `basic_auth_users: {alice: "${ALICE}"}\n`;
const TLS = "cert_file: server.pem, key_file: server-key.pem";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** The name of the server's certificate, over TLS. */
  readonly serverName: string | undefined;
  readonly isResumed: boolean;
}

describe("web configuration", () => {
  let folder: TemporaryFolder;
  let path: string;
  let registry: Registry;
  let security: WebSecurity | undefined;
  let listener: HttpListener | undefined;

  beforeEach(async () => {
    folder = await createTemporaryFolder("web-config");
    path = join(folder.path, "web.yml");
    registry = new Registry();
    await useCertificate("localhost");
  });
  afterEach(async () => {
    await listener?.close(AbortSignal.timeout(1000));
    await security?.close();
    listener = security = undefined;
    await folder.remove();
  });

  const useCertificate = async (name: string): Promise<void> => {
    await copyFile(join(FIXTURES, `${name}-cert.pem`), join(folder.path, "server.pem"));
    await copyFile(join(FIXTURES, `${name}-key.pem`), join(folder.path, "server-key.pem"));
  };

  const serve = async (yaml: string, routePrefix = ""): Promise<HttpListener> => {
    await writeFile(path, yaml);
    const telemetry = { logger: createSilentLogger(), registry };
    security = await openWebSecurity({ path, telemetry, pollMs: 20 });
    listener = await HttpListener.listen({
      host: "127.0.0.1",
      port: 0,
      flagName: "web.listen-address",
      registry,
      displayName: "Test",
      routePrefix,
      security,
    });
    const app = createApp({ telemetry, bodyLimitBytes: 1000 });
    app.get("/page", async () => "page");
    app.post("/echo", async ({ body }) => ({ body }));
    await listener.mount(app);
    listener.markReady();
    return listener;
  };

  const ask = async (target: string, options: RequestOptions & { readonly body?: string } = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const url = `${listener?.url}${target}`;
      const { body, ...rest } = options;
      const all = { rejectUnauthorized: false, agent: false as const, ...rest };
      const sent = (url.startsWith("https") ? request : plainRequest)(url, all, (response) => {
        let text = "";
        const { socket } = response;
        const serverName =
          "getPeerX509Certificate" in socket && typeof socket.getPeerX509Certificate === "function"
            ? String(socket.getPeerX509Certificate()?.subject)
            : undefined;
        const isResumed =
          "isSessionReused" in socket &&
          typeof socket.isSessionReused === "function" &&
          socket.isSessionReused() === true;
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, serverName, isResumed }),
        );
      });
      sent.once("error", reject);
      sent.end(body);
    });

  const metric = async (name: string): Promise<string | undefined> =>
    (await registry.metrics()).split("\n").find((line) => line.startsWith(name) && !line.startsWith("#"));

  test("users - the right password opens, everything else gets 401", async () => {
    await serve(USERS);
    const statusOf = async (auth: string | undefined, target = "/page"): Promise<number> =>
      (await ask(target, auth === undefined ? {} : { auth })).status;
    expect(await statusOf("alice:opensesame")).toBe(200);
    expect(await statusOf("alice:opensesame")).toBe(200);
    expect(await statusOf("alice:wrong")).toBe(401);
    expect(await statusOf("nobody:opensesame")).toBe(401);
    expect(await statusOf(undefined, "/metrics")).toBe(401);
    expect(await statusOf(undefined, "/-/healthy/../../page")).toBe(401);
    expect(await statusOf("alice:opensesame", "/metrics")).toBe(200);
    const refused = await ask("/page");
    expect(refused.headers["www-authenticate"]).toBe("Basic");
    expect(refused.text).toBe("Unauthorized\n");
    expect(await metric('monotreme_web_requests_refused_total{reason="denied"}')).toMatch(/ 5$/);
  });

  test("users - a body arrives whole after its password was checked, and none without", async () => {
    await serve(USERS);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ a: "b".repeat(500) });
    const post = { method: "POST", headers, body };
    const answer = await ask("/echo", { ...post, auth: "alice:opensesame" });
    expect(JSON.parse(answer.text)).toEqual({ body: { a: "b".repeat(500) } });
    expect((await ask("/echo", post)).status).toBe(401);
  });

  test("users - probes need no password, under a prefix too; nothing else does without", async () => {
    await serve(USERS, "/prefix");
    const statuses = async (...targets: readonly string[]): Promise<readonly number[]> =>
      Promise.all(targets.map(async (target) => (await ask(target)).status));
    expect(await statuses("/prefix/-/healthy", "/prefix/-/ready?x=1")).toEqual([200, 200]);
    expect(await statuses("/", "/-/healthy", "/prefix/-/ready/", "/prefix/page")).toEqual([401, 401, 401, 401]);
  });

  test("headers - stand in every answer", async () => {
    await serve(`http_server_config: {headers: {X-Frame-Options: deny}}\n${USERS}`);
    for (const options of [{ auth: "alice:opensesame" }, {}]) {
      for (const target of ["/page", "/-/healthy", "/metrics"]) {
        expect((await ask(target, options)).headers["x-frame-options"]).toBe("deny");
      }
    }
  });

  test("reload - users change without a restart; a broken file changes nothing", async () => {
    await serve(USERS);
    const status = async (auth: string): Promise<number> => (await ask("/page", { auth })).status;
    expect(await status("alice:opensesame")).toBe(200);
    await writeFile(path, `basic_auth_users: {bob: "${hashSync("new", 4)}"}\n`);
    await eventually(async () => (await status("bob:new")) === 200);
    expect(await status("alice:opensesame")).toBe(401);
    await writeFile(path, "basic_auth_users: {alice: plain}\n");
    await eventually(
      async () => (await metric("monotreme_web_config_last_reload_successful"))?.endsWith(" 0") === true,
    );
    expect(await status("bob:new")).toBe(200);
    await expect(security?.reload()).rejects.toThrow(/web\.yml:1:\d+: expected a bcrypt hash/);
    for (const cutShort of ["", "basic_auth_users:\n"]) {
      await writeFile(path, cutShort);
      await expect(security?.reload()).rejects.toThrow(/the last user goes with a restart only/);
      expect((await ask("/page")).status).toBe(401);
    }
    await writeFile(path, "tls_server_config: {cert_file: server.pem, key_file: server-key.pem}\n");
    await expect(security?.reload()).rejects.toThrow(/with a restart only/);
    expect((await ask("/page")).status).toBe(401);
  });

  test("tls - certificates are taken over when their files change", async () => {
    await serve(`tls_server_config: {${TLS}}\n`);
    expect(listener?.url).toMatch(/^https:/);
    expect(await ask("/page")).toMatchObject({ status: 200, text: "page", serverName: "CN=localhost" });
    await useCertificate("stranger");
    await eventually(async () => (await ask("/page")).serverName === "CN=stranger");
    await writeFile(join(folder.path, "server-key.pem"), "no key");
    await eventually(
      async () => (await metric("monotreme_web_config_last_reload_successful"))?.endsWith(" 0") === true,
    );
    expect((await ask("/page")).serverName).toBe("CN=stranger");
  });

  test("tls - versions and suites of the file hold", async () => {
    const suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
    await serve(
      `tls_server_config: {${TLS}, max_version: TLS12, cipher_suites: [${suite}], curve_preferences: [CurveP384]}\n`,
    );
    expect((await ask("/page", { minVersion: "TLSv1.2" })).status).toBe(200);
    await expect(ask("/page", { minVersion: "TLSv1.3" })).rejects.toThrow(/protocol version/);
    const weaker = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256";
    await expect(ask("/page", { ciphers: weaker })).rejects.toThrow(/handshake failure/);
    await expect(ask("/page", { ecdhCurve: "X25519" })).rejects.toThrow(/handshake failure/);
  });

  test.each([
    ["RequestClientCert", [200, 200, 200]],
    ["RequireAnyClientCert", ["refused", 200, 200]],
    ["VerifyClientCertIfGiven", [200, "refused", 200]],
    ["RequireAndVerifyClientCert", ["refused", "refused", 200]],
  ])("client certificates - %s: none, a stranger's, a known one", async (type, expected) => {
    await copyFile(join(FIXTURES, "localhost-cert.pem"), join(folder.path, "ca.pem"));
    await serve(`tls_server_config: {${TLS}, client_auth_type: ${type}, client_ca_file: ca.pem}\n`);
    const pair = async (name: string): Promise<{ readonly cert?: Buffer; readonly key?: Buffer }> => ({
      cert: await readFile(join(FIXTURES, `${name}-cert.pem`)),
      key: await readFile(join(FIXTURES, `${name}-key.pem`)),
    });
    const results: (number | string)[] = [];
    for (const options of [{}, await pair("stranger"), await pair("localhost")]) {
      // Twice by one agent: the second connection resumes the first one's session.
      const agent = new Agent({ maxCachedSessions: 10, ...options });
      const tries = [];
      for (let i = 0; i < 2; i++) {
        const answered = ask("/page", { ...options, agent, headers: { connection: "close" } });
        const status = await answered.then(
          (answer) => (answer.isResumed === (i === 1) ? answer.status : "not resumed"),
          () => "refused",
        );
        tries.push(status);
      }
      agent.destroy();
      expect(tries[1]).toBe(tries[0]);
      results.push(tries[0] ?? "none");
    }
    expect(results).toEqual(expected);
  });

  test.each([
    ["localhost", 200],
    ["example.org", "refused"],
  ])("client certificates - one that carries a name not among %s is refused", async (name, expected) => {
    const pem = async (file: string): Promise<Buffer> => readFile(join(FIXTURES, file));
    await serve(
      `tls_server_config: {${TLS}, client_auth_type: RequireAnyClientCert, client_allowed_sans: [${name}]}\n`,
    );
    const options = { cert: await pem("localhost-cert.pem"), key: await pem("localhost-key.pem") };
    const result = await ask("/page", options).then(
      ({ status }) => status,
      () => "refused",
    );
    expect(result).toBe(expected);
  });

  test("tls - closes while a client is in the middle of its handshake", { timeout: 60_000 }, async () => {
    const { port } = await serve(`tls_server_config: {${TLS}}\n`);
    const { connect } = await import("node:net");
    const silent = connect(port, "127.0.0.1").on("error", () => undefined);
    await new Promise((resolve) => silent.once("connect", resolve));
    await ask("/page");
    // Otherwise it waits for as long as a handshake may take, two minutes.
    await listener?.close(AbortSignal.timeout(100));
    silent.destroy();
  });

  test.each([
    [
      "a certificate that is not there",
      `tls_server_config: {cert_file: gone.pem, key_file: server-key.pem}`,
      /gone\.pem: cannot read cert_file .*no such file/,
    ],
    [
      "a key of another certificate",
      `tls_server_config: {cert_file: server.pem, key_file: other.pem}`,
      /cannot use certificate and key/,
    ],
    [
      "a client CA that is none",
      `tls_server_config: {${TLS}, client_auth_type: RequireAndVerifyClientCert, client_ca_file: web.yml}`,
      /no certificate in client_ca/,
    ],
    ["a fault in the file", "basic_auth: {}", /web\.yml:1:1: field basic_auth not found/],
  ])("start - %s is told", async (_, yaml, message) => {
    await copyFile(join(FIXTURES, "stranger-key.pem"), join(folder.path, "other.pem"));
    const starting = serve(yaml);
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toBeInstanceOf(ConfigFileError);
  });

  test("password thread - leaves the event loop alone, and starts again after a fault", async () => {
    const thread = new PasswordThread();
    try {
      expect(await thread.compare("opensesame", ALICE)).toBe(true);
      expect(await thread.compare("wrong", ALICE)).toBe(false);
      const costly = hashSync("opensesame", 11);
      const before = performance.eventLoopUtilization();
      expect(await thread.compare("opensesame", costly)).toBe(true);
      expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
      const broken = thread.compare("opensesame", "x".repeat(60));
      await expect(broken).rejects.toMatchObject({ code: "PASSWORD_THREAD_LOST" });
      expect(await thread.compare("opensesame", ALICE)).toBe(true);
    } finally {
      await thread.close();
    }
    await expect(thread.compare("opensesame", ALICE)).rejects.toMatchObject({ code: "PASSWORD_THREAD_LOST" });
  });

  test("start - a file that is not there is told", async () => {
    const telemetry = { logger: createSilentLogger(), registry };
    await expect(openWebSecurity({ path: join(folder.path, "none.yml"), telemetry })).rejects.toThrow(
      /none\.yml: cannot read the web configuration: no such file/,
    );
  });
});
