import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { HttpClient, HttpClientError } from "@monotreme/http-client";
import { type HttpClientConfig, type OAuth2Config, type ProxyConfig, Secret } from "@monotreme/prometheus-config";
import { afterEach, describe, expect, test } from "vitest";

const PLAIN: HttpClientConfig = {
  basicAuth: undefined,
  authorization: undefined,
  tls: undefined,
  followRedirects: true,
  headers: {},
};
const FREE = new AbortController().signal;
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));

const servers: Server[] = [];
const clients: HttpClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return port;
}

async function serve(listener: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener))}`;
}

function clientOf(config: Partial<HttpClientConfig> = {}): HttpClient {
  const client = new HttpClient({ ...PLAIN, ...config });
  clients.push(client);
  return client;
}

async function get(client: HttpClient, url: string): Promise<string> {
  const answer = await client.request({ method: "GET", url, signal: FREE });
  return `${answer.status} ${answer.body.toString()}`;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}

/** A proxy that forwards requests and opens tunnels, and keeps the heads of what it was asked. */
async function startProxy(): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    response.end("forwarded");
  });
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? ""}`.trim());
    if (request.headers["x-refuse"] !== undefined) {
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const target = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
  });
  return { url: `http://127.0.0.1:${await listen(proxy)}`, seen };
}

function proxied(url: string, rest: Partial<ProxyConfig> = {}): ProxyConfig {
  return { url, noProxy: "", isFromEnvironment: false, connectHeaders: {}, ...rest };
}

describe("http client - redirects", () => {
  test("http client - 302 turns a POST into a GET without its body, 307 repeats it", async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        seen.push(`${request.method} ${request.url} ${body} ${request.headers["content-type"] ?? ""}`.trim());
        const status = request.url === "/found" ? 302 : 307;
        if (request.url === "/end") response.end();
        else response.writeHead(status, { location: "/end" }).end();
      });
    });
    const client = clientOf();
    const post = { method: "POST", headers: { "content-type": "text/plain" }, body: "hello", signal: FREE };
    await client.request({ ...post, url: `${url}/found` });
    await client.request({ ...post, url: `${url}/temporary` });
    expect(seen).toEqual([
      "POST /found hello text/plain",
      "GET /end",
      "POST /temporary hello text/plain",
      "POST /end hello text/plain",
    ]);
  });

  test("http client - credentials do not follow to another host, and loops end", async () => {
    const other = await serve((request, response) => void response.end(request.headers.authorization ?? "none"));
    const url = await serve((request, response) => {
      response.writeHead(302, { location: request.url === "/loop" ? "/loop" : other }).end();
    });
    const authorization = { type: "Bearer", credentials: new Secret("s3cr3t"), credentialsFile: undefined };
    expect(await get(clientOf({ authorization }), `${url}/out`)).toBe("200 none");
    await expect(get(clientOf(), `${url}/loop`)).rejects.toThrow("stopped after 10 redirects");
    expect(await get(clientOf({ followRedirects: false }), `${url}/loop`)).toBe("302 ");
  });
});

describe("http client - bodies", () => {
  test("http client - gzip is unpacked, and too much is refused before it is kept", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x".repeat(5000)));
    });
    const request = { method: "GET", url, signal: FREE };
    expect((await clientOf().request(request)).body.length).toBe(5000);
    await expect(clientOf().request({ ...request, maxBytes: 4999 })).rejects.toMatchObject({ reason: "body-size" });
  });

  test("http client - an answer that stops is ended by the signal", async () => {
    const url = await serve((_, response) => void response.write("a bit"));
    const request = clientOf().request({ method: "GET", url, signal: AbortSignal.timeout(200) });
    await expect(request).rejects.toMatchObject({ reason: "timeout", kind: "timeout" });
  });
});

describe("http client - proxies", () => {
  test("http client - plain requests are forwarded, with the proxy's credentials", async () => {
    const { url, seen } = await startProxy();
    const client = clientOf({ proxy: proxied(url.replace("http://", "http://me:pw@")) });
    expect(await get(client, "http://nowhere.example/path?q=1")).toBe("200 forwarded");
    expect(seen).toEqual([`GET http://nowhere.example/path?q=1 Basic ${Buffer.from("me:pw").toString("base64")}`]);
  });

  test("http client - encrypted requests go through a tunnel that is kept", async () => {
    const secure = createTlsServer(
      { key: readFileSync(fixture("localhost-key.pem")), cert: readFileSync(fixture("localhost-cert.pem")) },
      (_, response) => void response.end("secret"),
    );
    const port = await listen(secure);
    const { url, seen } = await startProxy();
    const tls = tlsOf(fixture("localhost-cert.pem"));
    const client = clientOf({ tls, proxy: proxied(url) });
    expect(await get(client, `https://localhost:${port}/`)).toBe("200 secret");
    expect(await get(client, `https://localhost:${port}/`)).toBe("200 secret");
    expect(seen).toEqual([`CONNECT localhost:${port}`]);
    await expect(get(clientOf({ proxy: proxied(url) }), `https://localhost:${port}/`)).rejects.toThrow("self-signed");
  });

  test("http client - a refused tunnel, a proxy that is not there", async () => {
    const { url } = await startProxy();
    const connectHeaders = { "X-Refuse": [new Secret("yes")] };
    const refused = get(clientOf({ proxy: proxied(url, { connectHeaders }) }), "https://nowhere.example/");
    await expect(refused).rejects.toThrow(`the proxy ${new URL(url).host} refused the tunnel: 403 Forbidden`);
    const gone = get(clientOf({ proxy: proxied("http://127.0.0.1:1") }), "https://nowhere.example/");
    await expect(gone).rejects.toThrow("cannot reach the proxy 127.0.0.1:1");
  });
});

describe("http client - OAuth 2", () => {
  const oauth2 = (tokenUrl: string): OAuth2Config => ({
    clientId: "id:1",
    clientSecret: new Secret("s3cr3t"),
    clientSecretFile: undefined,
    scopes: ["a", "b"],
    tokenUrl,
    endpointParams: { audience: "x" },
    tls: undefined,
    proxy: undefined,
  });

  test("http client - a token is asked for once and kept", async () => {
    const asked: string[] = [];
    const tokenUrl = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        asked.push(`${request.headers.authorization} ${body}`);
        response.end('{"access_token":"t0k3n","token_type":"bearer","expires_in":3600}');
      });
    });
    const url = await serve((request, response) => void response.end(request.headers.authorization));
    const client = clientOf({ oauth2: oauth2(tokenUrl) });
    expect([await get(client, url), await get(client, url)]).toEqual(["200 Bearer t0k3n", "200 Bearer t0k3n"]);
    const credentials = Buffer.from("id%3A1:s3cr3t").toString("base64");
    expect(asked).toEqual([`Basic ${credentials} grant_type=client_credentials&scope=a+b&audience=x`]);
  });

  test("http client - a server that wants the secret in the body gets it there; a 401 asks for a new token", async () => {
    let tokens = 0;
    const tokenUrl = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        if (body.includes("client_secret=s3cr3t")) response.end(`{"access_token":"t${++tokens}","expires_in":"3600"}`);
        else response.writeHead(401).end("{}");
      });
    });
    const url = await serve((request, response) => {
      response.writeHead(request.headers.authorization === "Bearer t2" ? 200 : 401).end();
    });
    const client = clientOf({ oauth2: oauth2(tokenUrl) });
    expect([await get(client, url), await get(client, url), tokens]).toEqual(["401 ", "200 ", 2]);
  });

  test.each([
    ["a refusal", 500, "{}", "the token address answered 500"],
    ["no token", 200, '{"token_type":"bearer"}', "the token address gave no access_token"],
    ["no JSON", 200, "s3cr3t", "the token address gave no JSON object"],
  ])("http client - %s of the token address", async (_name, status, body, message) => {
    const tokenUrl = await serve((_, response) => void response.writeHead(status).end(body));
    const error = await get(clientOf({ oauth2: oauth2(tokenUrl) }), "http://127.0.0.1:1/").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(HttpClientError);
    expect([error.reason, error.message]).toEqual(["credentials", message]);
  });
});

function tlsOf(caFile: string): NonNullable<HttpClientConfig["tls"]> {
  return {
    ca: undefined,
    caFile,
    cert: undefined,
    certFile: undefined,
    key: undefined,
    keyFile: undefined,
    serverName: undefined,
    insecureSkipVerify: false,
    minVersion: undefined,
    maxVersion: undefined,
  };
}
