import { type AddressInfo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { SMTPServerOptions } from "smtp-server";
import { afterEach, describe, expect, test } from "vitest";
import {
  failureOf,
  FIRING,
  GROUP_HASH,
  notificationOf,
  type ReceiverUnderTest,
  receiverOf,
  RESOLVED,
} from "./receivers-config.ts";
import { MailServer, type ReceivedMail } from "./receivers-mail-server.ts";

const CA = fileURLToPath(new URL("../fixtures/tls/localhost-cert.pem", import.meta.url));
const TRUSTED = `  tls_config: {ca_file: ${CA}}`;

let server: MailServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(options: SMTPServerOptions = {}): Promise<MailServer> {
  server = await MailServer.start(options);
  return server;
}

function email(port: number, fields = "  require_tls: false"): ReceiverUnderTest {
  return receiverOf(
    `email_configs:\n- to: ops@example.org\n  from: 'Alerts <alerts@example.org>'\n  smarthost: localhost:${port}\n${fields}`,
  );
}

function onlyMail(): ReceivedMail {
  const [mail, ...others] = server?.mails ?? [];
  if (mail === undefined || others.length > 0) throw new Error(`${server?.mails.length} mails, expected one`);
  return mail;
}

/** Headers by lower-case name, unfolded. */
function headersOf(mail: ReceivedMail): Map<string, string> {
  const [head = ""] = mail.text.split("\r\n\r\n");
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  );
}

describe("email", () => {
  test("email - a default mail: envelope, headers, HTML", async () => {
    const { port } = await start();
    await email(port).send();
    const mail = onlyMail();
    expect([mail.from, mail.to, mail.hello, mail.isEncrypted]).toEqual([
      "alerts@example.org",
      ["ops@example.org"],
      "localhost",
      false,
    ]);
    const headers = headersOf(mail);
    expect(headers.get("subject")).toBe("[FIRING:1] HighLoad (web-1)");
    expect(headers.get("from")).toBe("Alerts <alerts@example.org>");
    expect(headers.get("to")).toBe("ops@example.org");
    expect(headers.get("date")).toBe("Fri, 02 Jan 2026 03:04:05 +0000");
    expect(headers.get("message-id")).toMatch(new RegExp(`^<${GROUP_HASH.slice(0, 32)}\\.1767323045000@.+>$`));
    expect(headers.get("mime-version")).toBe("1.0");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = mail.text.replace(/=\r\n/g, "").replaceAll("=3D", "=");
    expect(html).toContain("1 alert for alertname=HighLoad");
    expect(html).toContain("load &gt; 9 &amp; rising");
    expect(html).toContain('<a href="http://am.example/#/alerts?receiver=team"');
  });

  test("email - text and HTML are alternatives, headers are templates, threads hang together", async () => {
    const { port } = await start();
    const fields = [
      "  require_tls: false",
      "  hello: monitor.example.org",
      "  headers: {subject: 'Über {{ .Status }}', reply-to: 'x@example.org', X-Alert: '{{ .CommonAnnotations.summary }}'}",
      "  text: '{{ .CommonAnnotations.summary }}'",
      "  html: '<p>{{ .CommonAnnotations.summary }}</p>'",
      "  threading: {enabled: true, thread_by_date: daily}",
    ];
    await email(port, fields.join("\n")).send();
    const mail = onlyMail();
    const headers = headersOf(mail);
    expect(mail.hello).toBe("monitor.example.org");
    expect(headers.get("subject")).toBe("=?UTF-8?Q?=C3=9Cber_firing?=");
    expect(headers.get("reply-to")).toBe("x@example.org");
    expect(headers.get("x-alert")).toBe("load > 9 & rising");
    const root = `<alert-${GROUP_HASH.slice(0, 16)}-2026-01-02@alertmanager>`;
    expect([headers.get("references"), headers.get("in-reply-to")]).toEqual([root, root]);
    expect(headers.get("content-type")).toMatch(/^multipart\/alternative; boundary=/);
    const parts = mail.text.split(/\r\n--[^\r\n]+/).slice(1, 3);
    expect(parts[0]).toMatch(/Content-Type: text\/plain; charset=utf-8[\s\S]*load > 9 & rising/);
    expect(parts[1]).toMatch(/Content-Type: text\/html; charset=utf-8[\s\S]*<p>load &gt; 9 &amp; rising<\/p>/);
  });

  test("email - a line end in a label begins no header", async () => {
    const { port } = await start();
    const alert = { ...FIRING, labels: { alertname: "a\r\nBcc: evil@example.org" } };
    await email(port).send(notificationOf({ alerts: [alert], groupLabels: alert.labels }));
    expect(headersOf(onlyMail()).get("subject")).toBe("[FIRING:1] a Bcc: evil@example.org");
    expect(headersOf(onlyMail()).has("bcc")).toBe(false);
  });

  test("email - a broken template is told in the mail", async () => {
    const { port } = await start();
    const receiver = email(port, "  require_tls: false\n  html: '{{ .Nonsense }}'");
    await receiver.send(notificationOf({ alerts: [FIRING, RESOLVED] }));
    const text = onlyMail().text.replace(/=\r\n/g, "");
    expect(text).toContain("the template of html cannot be expanded: template: :1:3: executing");
    expect(text).toContain("resolved: alertname");
    expect(receiver.templateFailures).toEqual(["email"]);
  });

  test.each([
    ["no address", "nonsense", "the field from is no list of mail addresses"],
    ["two addresses", "a@example.org, b@example.org", "the field from must have exactly one address, not 2"],
  ])("email - a sender with %s is final", async (_name, from, message) => {
    const { port } = await start();
    const receiver = receiverOf(
      `email_configs:\n- to: ops@example.org\n  from: '${from}'\n  smarthost: localhost:${port}\n  require_tls: false`,
    );
    const failure = await failureOf(receiver.send());
    expect([failure.isRetryable, failure.message.startsWith(message)]).toEqual([false, true]);
  });
});

describe("email - encryption", () => {
  test("email - STARTTLS by default, with the configured certificate", async () => {
    const { port } = await start();
    await email(port, TRUSTED).send();
    expect(onlyMail().isEncrypted).toBe(true);
  });

  test("email - an unknown certificate is refused", async () => {
    const { port } = await start();
    const failure = await failureOf(email(port, "").send());
    expect([failure.isRetryable, failure.message]).toEqual([true, expect.stringContaining("self-signed certificate")]);
    expect(server?.mails).toEqual([]);
  });

  test("email - a server without STARTTLS gets nothing unless require_tls is false", async () => {
    const { port } = await start({ hideSTARTTLS: true, disabledCommands: ["STARTTLS", "AUTH"] });
    const failure = await failureOf(email(port, TRUSTED).send());
    expect(failure.isRetryable).toBe(true);
    expect(server?.mails).toEqual([]);
    await email(port).send();
    expect(onlyMail().isEncrypted).toBe(false);
  });

  test("email - implicit TLS where forced", async () => {
    const { port } = await start({ secure: true });
    await email(port, `${TRUSTED}\n  force_implicit_tls: true`).send();
    expect(onlyMail().isEncrypted).toBe(true);
  });

  test("email - a certificate's file that is missing is final", async () => {
    const { port } = await start();
    const failure = await failureOf(email(port, "  tls_config: {ca_file: /nowhere/ca.pem}").send());
    expect([failure.isRetryable, failure.message]).toEqual([false, expect.stringContaining("/nowhere/ca.pem")]);
  });
});

describe("email - login", () => {
  const user = "  auth_username: me\n";
  test.each([
    ["PLAIN by password", ["PLAIN", "LOGIN"], "  auth_password: s3cr3t-pass", "PLAIN"],
    ["LOGIN where it comes first", ["LOGIN", "PLAIN"], "  auth_password: s3cr3t-pass", "LOGIN"],
    ["CRAM-MD5 by secret", ["PLAIN", "CRAM-MD5"], "  auth_secret: s3cr3t-cram", "CRAM-MD5"],
    ["the first with a secret", ["CRAM-MD5", "LOGIN"], "  auth_password: s3cr3t-pass", "LOGIN"],
  ])("email - %s", async (_name, authMethods, fields, method) => {
    const { port } = await start({ authMethods });
    await email(port, `${TRUSTED}\n${user}${fields}`).send();
    expect(onlyMail().user).toBe("me");
    expect(server?.logins.map((login) => login.method)).toEqual([method]);
  });

  test("email - PLAIN acts for another user where an identity is set", async () => {
    const lines: string[] = [];
    const scripted = createServer((socket) => {
      socket.write("220 hello\r\n");
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        lines.push(data.toString().trim());
        socket.write(lines.at(-1)?.startsWith("EHLO") ? "250-hello\r\n250 AUTH PLAIN\r\n" : "535 no\r\n");
      });
    });
    await new Promise<void>((resolve) => scripted.listen(0, "127.0.0.1", resolve));
    const { port } = scripted.address() as AddressInfo;
    const fields = `  require_tls: false\n${user}  auth_identity: boss\n  auth_password: s3cr3t-pass`;
    expect((await failureOf(email(port, fields).send())).reason).toBe("authError");
    const token = lines.find((line) => line.startsWith("AUTH PLAIN "))?.slice("AUTH PLAIN ".length) ?? "";
    expect(Buffer.from(token, "base64").toString()).toBe("boss\0me\0s3cr3t-pass");
    scripted.close();
  });

  test("email - no user means no login", async () => {
    const { port } = await start();
    await email(port, `${TRUSTED}\n  auth_password: s3cr3t-pass`).send();
    expect([onlyMail().user, server?.logins]).toEqual([undefined, []]);
  });

  test.each([
    ["a wrong password", ["PLAIN"], "  auth_password: s3cr3t-other"],
    ["no secret for the server's methods", ["CRAM-MD5"], "  auth_password: s3cr3t-pass"],
  ])("email - %s may be tried again and is not shown", async (_name, authMethods, fields) => {
    const { port } = await start({ authMethods });
    const failure = await failureOf(email(port, `${TRUSTED}\n${user}${fields}`).send());
    expect([failure.isRetryable, failure.reason]).toEqual([true, "authError"]);
    expect(failure.message).not.toContain("s3cr3t");
  });
});

describe("email - failures", () => {
  test("email - a refused recipient, a refused sender", async () => {
    const refuse: SMTPServerOptions = {
      onRcptTo: (_address, _session, callback) => callback(new Error("no such user")),
    };
    const { port } = await start(refuse);
    const failure = await failureOf(email(port).send());
    expect([failure.isRetryable, failure.message]).toEqual([true, expect.stringContaining("no such user")]);
  });

  test("email - one refused recipient does not cost the others their mail", async () => {
    const { port } = await start({
      onRcptTo: ({ address }, _session, callback) => callback(address.startsWith("bad") ? new Error("no") : null),
    });
    const receiver = receiverOf(
      `email_configs:\n- to: 'bad@example.org, good@example.org'\n  from: a@example.org\n  smarthost: localhost:${port}\n  require_tls: false`,
    );
    await receiver.send();
    expect(onlyMail().to).toEqual(["good@example.org"]);
  });

  test("email - nobody listens", async () => {
    const { port } = await start();
    await server?.close();
    server = undefined;
    const failure = await failureOf(email(port).send());
    expect([failure.isRetryable, failure.reason]).toEqual([true, "other"]);
  });

  test("email - a server that says nothing is cut by the signal", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const failure = await failureOf(email(port).send(undefined, AbortSignal.timeout(200)));
    expect([failure.isRetryable, failure.reason]).toEqual([true, "contextDeadlineExceeded"]);
    silent.close();
  });
});
