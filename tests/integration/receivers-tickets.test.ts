import { createHash, createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { IntegrationContext } from "@monotreme/receivers";
import { createTemporaryFolder } from "@monotreme/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  failureOf,
  FIRING,
  GROUP_HASH,
  notificationOf,
  type ReceiverUnderTest,
  receiverOf,
  RESOLVED,
} from "./receivers-config.ts";
import { LocalService, type ReceivedRequest, type ServiceReply } from "./receivers-service.ts";

let service: LocalService;
const opened: ReceiverUnderTest[] = [];

beforeEach(async () => {
  service = await LocalService.start();
});

afterEach(async () => {
  for (const receiver of opened.splice(0)) receiver.close();
  await service.close();
});

function open(yaml: string, context: Partial<IntegrationContext> = {}): ReceiverUnderTest {
  const receiver = receiverOf(yaml, context);
  opened.push(receiver);
  return receiver;
}

const resolved = notificationOf({ alerts: [RESOLVED] });
const lines = (): string[] => service.requests.map(({ method, path, body }) => `${method} ${path} ${body}`.trim());

describe("jira", () => {
  const LABEL = `ALERT{${GROUP_HASH}}`;
  const jira = (fields = "", version = "2"): ReceiverUnderTest =>
    open(
      `jira_configs:\n- api_url: ${service.url}/rest/api/${version}\n  project: OPS\n  issue_type: Bug\n` +
        `  http_config: {basic_auth: {username: bot, password: s3cr3t-pass}}\n` +
        `${fields.includes("  summary:") ? "" : "  summary: 's {{ .Status }}'\n"}${fields}`,
    );
  const found = (state: string): ServiceReply => ({
    body: JSON.stringify({
      issues: [{ key: "OPS-7", fields: { status: { name: "x", statusCategory: { key: state } } } }],
    }),
  });
  const nothing: ServiceReply = { body: '{"issues":[]}' };
  const transitions: ServiceReply = {
    body: '{"transitions":[{"id":"11","name":"Close"},{"id":"21","name":"Reopen"}]}',
  };
  const search = (jql: string): string =>
    `POST /rest/api/2/search {"fields":["status"],"jql":${JSON.stringify(jql).replace(">", "\\u003e")},"maxResults":2}`;
  const openOnly = `statusCategory != Done and project="OPS" and labels="${LABEL}" order by status ASC,resolutiondate DESC`;

  test("jira - a firing group without an issue gets one, byte for byte", async () => {
    service.replies = [nothing, { status: 201, body: '{"key":"OPS-7"}' }];
    await jira(
      "  description: 'd'\n  labels: ['z', 'a {{ .Status }}']\n  priority: High\n  fields: {customfield_1: {value: '{{ .Status }}'}, customfield_2: ['{{ len .Alerts }}']}",
    ).send();
    expect(service.requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from("bot:s3cr3t-pass").toString("base64")}`,
      "accept-language": "en",
      "content-type": "application/json",
    });
    expect(lines()).toEqual([
      search(openOnly),
      `POST /rest/api/2/issue {"fields":{"customfield_1":{"value":"firing"},"customfield_2":[1],"description":"d","issuetype":{"name":"Bug"},` +
        `"labels":["${LABEL}","a firing","z"],"priority":{"name":"High"},"project":{"key":"OPS"},"summary":"s firing"}}`,
    ]);
  });

  test("jira - an open issue is written again, without what is not to be", async () => {
    service.replies = [found("indeterminate"), { status: 204 }];
    await jira("  description: {template: d, enable_update: false}\n  priority: ''").send();
    expect(lines()).toEqual([
      search(openOnly),
      `PUT /rest/api/2/issue/OPS-7 {"fields":{"issuetype":{"name":"Bug"},"labels":["${LABEL}"],"project":{"key":"OPS"},"summary":"s firing"}}`,
    ]);
  });

  test("jira - a resolved group moves its issue on, and creates none", async () => {
    service.replies = [found("new"), { status: 204 }, transitions, { status: 204 }];
    await jira("  resolve_transition: Close\n  description: d\n  priority: ''").send(resolved);
    expect(lines().slice(2)).toEqual([
      "GET /rest/api/2/issue/OPS-7/transitions",
      'POST /rest/api/2/issue/OPS-7/transitions {"transition":{"id":"11"}}',
    ]);
    service.requests.length = 0;
    service.replies = [nothing];
    await jira("  resolve_transition: Close").send(resolved);
    expect(lines()).toEqual([search(openOnly)]);
    service.requests.length = 0;
    service.replies = [found("new"), { status: 204 }];
    await jira().send(resolved);
    expect(service.requests).toHaveLength(2);
  });

  test("jira - a group that fires again reopens what was resolved lately", async () => {
    service.replies = [found("done"), { status: 204 }, transitions, { status: 204 }];
    await jira('  reopen_transition: Reopen\n  reopen_duration: 1h\n  wont_fix_resolution: "Won\'t Do"').send();
    expect(lines()[0]).toBe(
      search(
        `resolution != "Won't Do" and (resolutiondate is EMPTY OR resolutiondate >= -60m) and project="OPS" and labels="${LABEL}" order by status ASC,resolutiondate DESC`,
      ),
    );
    expect(lines()[3]).toBe('POST /rest/api/2/issue/OPS-7/transitions {"transition":{"id":"21"}}');
  });

  test("jira - a transition that is not there is a final error", async () => {
    service.replies = [found("new"), { status: 204 }, transitions];
    expect(await failureOf(jira("  resolve_transition: Nirvana").send(resolved))).toMatchObject({
      isRetryable: false,
      message: 'issue OPS-7 has no transition "Nirvana"',
    });
  });

  test("jira - the cloud is searched at its own address, and its descriptions are documents", async () => {
    service.replies = [nothing, { status: 201 }, nothing, { status: 201 }];
    await jira("  api_type: cloud\n  description: 'plain'", "3").send();
    await jira('  api_type: cloud\n  description: \'{"type":"doc","version":1,"content":[]}\'', "3").send();
    expect(service.requests[0]?.path).toBe("/rest/api/3/search/jql");
    const descriptions = [service.requests[1], service.requests[3]].map(
      (request) => JSON.parse(request?.body ?? "{}").fields?.description,
    );
    expect(descriptions[0]).toEqual({
      type: "doc",
      version: 1,
      content: [{ type: "paragraph", content: [{ type: "text", text: "plain" }] }],
    });
    expect(descriptions[1]).toEqual({ type: "doc", version: 1, content: [] });
  });

  test("jira - bounds of summary and description", async () => {
    service.replies = [nothing, { status: 201 }];
    const annotations = { summary: "x".repeat(40_000) };
    await jira("  summary: 'a\n\n    {{ .CommonAnnotations.summary }}'").send(
      notificationOf({ alerts: [{ ...FIRING, annotations }] }),
    );
    const { fields } = JSON.parse(service.requests[1]?.body ?? "");
    expect([fields.summary.length, fields.description.length]).toEqual([255, 32_767]);
    expect(fields.summary).not.toContain("\n");
  });

  test("jira - errors say whether another try makes sense, and show no password", async () => {
    service.replies = [{ status: 429 }, { status: 400, body: "s3cr3t-pass" }, { status: 502 }, { body: "<html>" }];
    const receiver = jira();
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "rateLimited" });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "serverError" });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: false, reason: "other" });
  });
});

describe("sns", () => {
  const KEYS = "access_key: AKIDEXAMPLE, secret_key: s3cr3t-aws-key";
  const sns = (fields: string, sigv4 = `{region: eu-west-1, ${KEYS}}`, context = {}): ReceiverUnderTest =>
    open(`sns_configs:\n- api_url: ${service.url}/\n  sigv4: ${sigv4}\n${fields}`, context);

  /** The signature as AWS documents it, computed anew. */
  function expectedSignature({ path, headers, body }: ReceivedRequest, name: string, secret: string): string {
    const authorization = headers.authorization ?? "";
    const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? "";
    const shown = names.split(";").map((header) => `${header}:${String(headers[header])}\n`);
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
    const canonical = ["POST", path, "", shown.join(""), names, hash(body)].join("\n");
    const date = String(headers["x-amz-date"]);
    const scope = `${date.slice(0, 8)}/eu-west-1/${name}/aws4_request`;
    const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
    const key = [date.slice(0, 8), "eu-west-1", name, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`);
    return hmac(key, ["AWS4-HMAC-SHA256", date, scope, hash(canonical)].join("\n")).toString("hex");
  }

  const signatureOf = ({ headers }: ReceivedRequest): string =>
    /Signature=([0-9a-f]+)$/.exec(headers.authorization ?? "")?.[1] ?? "";

  test("sns - publishes to a topic, byte for byte and signed", async () => {
    await sns(
      "  topic_arn: arn:aws:sns:eu-west-1:1:ops\n  subject: 's {{ .Status }}'\n  message: \"it's *hot* ü\"\n  attributes: {b: '2', a: '{{ .Status }}'}",
    ).send();
    const { request } = service;
    expect(request.body).toBe(
      "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A1%3Aops&Message=it%27s%20%2Ahot%2A%20%C3%BC" +
        "&Subject=s%20firing&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String" +
        "&MessageAttributes.entry.1.Value.StringValue=firing&MessageAttributes.entry.2.Name=b" +
        "&MessageAttributes.entry.2.Value.DataType=String&MessageAttributes.entry.2.Value.StringValue=2",
    );
    expect(request.headers).toMatchObject({
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      "x-amz-date": "20260102T030405Z",
    });
    expect(request.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20260102\/eu-west-1\/sns\/aws4_request, /,
    );
    expect(signatureOf(request)).toBe(expectedSignature(request, "sns", "s3cr3t-aws-key"));
  });

  test("sns - a FIFO topic gets the group's key, a phone 1600 characters and a mark that it was cut", async () => {
    await sns("  topic_arn: arn:aws:sns:eu-west-1:1:ops.fifo").send();
    await sns("  phone_number: '+100'\n  message: '{{ .CommonAnnotations.summary }}'").send(
      notificationOf({ alerts: [{ ...FIRING, annotations: { summary: "x".repeat(2000) } }] }),
    );
    const [fifo, sms] = service.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect([fifo?.["MessageGroupId"], fifo?.["MessageDeduplicationId"]]).toEqual([GROUP_HASH, GROUP_HASH]);
    expect(sms).toMatchObject({
      PhoneNumber: "+100",
      "MessageAttributes.entry.1.Name": "truncated",
      "MessageAttributes.entry.1.Value.StringValue": "true",
    });
    expect(sms?.["Message"]).toHaveLength(1600);
  });

  test("sns - keys come from the environment or a profile, roles from the token service", async () => {
    const folder = await createTemporaryFolder("sns");
    const file = join(folder.path, "credentials");
    await writeFile(
      file,
      "[default]\naws_access_key_id=D\n[ops]\naws_access_key_id = PROFILE\naws_secret_access_key = k\n",
    );
    const environment = {
      AWS_ACCESS_KEY_ID: "ENVIRONMENT",
      AWS_SECRET_ACCESS_KEY: "e",
      AWS_SESSION_TOKEN: "session-1",
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_ENDPOINT_URL_STS: `${service.url}/sts`,
    };
    const target = "  target_arn: arn:x";
    await sns(target, "{region: eu-west-1}", { environment }).send();
    await sns(target, "{region: eu-west-1, profile: ops}", { environment }).send();
    const credentials =
      "<AccessKeyId>ROLE</AccessKeyId><SecretAccessKey>r</SecretAccessKey><SessionToken>t</SessionToken>";
    service.replies = [
      { body: `<X><Credentials>${credentials}<Expiration>2026-01-02T04:04:05Z</Expiration></Credentials></X>` },
      {},
    ];
    const role = sns(target, `{region: eu-west-1, ${KEYS}, role_arn: 'arn:role', external_id: x}`, { environment });
    await role.send();
    await role.send();
    const users = service.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? "")?.[1]);
    expect(users).toEqual(["ENVIRONMENT", "PROFILE", "AKIDEXAMPLE", "ROLE", "ROLE"]);
    expect(service.requests.map(({ headers }) => headers["x-amz-security-token"])).toEqual([
      "session-1",
      undefined,
      undefined,
      "t",
      "t",
    ]);
    expect(service.requests[2]).toMatchObject({
      path: "/sts",
      body: "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Arole&RoleSessionName=alertmanager&ExternalId=x",
    });
    await folder.remove();
  });

  test("sns - errors are AWS' words, and show no key", async () => {
    const xml = "<Error><Code>InvalidParameter</Code><Message>bad s3cr3t-aws-key</Message></Error>";
    service.replies = [
      { status: 400, body: xml },
      { status: 500, body: xml },
      { status: 403, body: xml },
    ];
    const receiver = sns("  topic_arn: arn:x");
    const error = await failureOf(receiver.send());
    expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(error.message).toContain("InvalidParameter: bad");
    expect(error.message).not.toContain("s3cr3t");
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "serverError" });
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: false, reason: "authError" });
  });
});

describe("wechat", () => {
  const wechat = (fields = ""): ReceiverUnderTest =>
    open(
      `wechat_configs:\n- api_url: ${service.url}/cgi-bin\n  api_secret: s3cr3t-corp\n  corp_id: corp\n  agent_id: '7'\n` +
        `${fields.includes("to_party") ? "" : "  to_user: '@all'\n"}${fields}`,
    );
  const token: ServiceReply = { body: '{"errcode":0,"access_token":"acc-token-1"}' };
  const taken: ServiceReply = { body: '{"errcode":0,"errmsg":"ok"}' };

  test("wechat - fetches a token once and sends, byte for byte", async () => {
    service.replies = [token, taken];
    const receiver = wechat("  message: 'hi {{ .Status }}'");
    await receiver.send();
    await receiver.send();
    const sent =
      'POST /cgi-bin/message/send?access_token=acc-token-1 {"text":{"content":"hi firing"},"touser":"@all","agentid":"7","safe":"0","msgtype":"text"}';
    expect(lines()).toEqual(["GET /cgi-bin/gettoken?corpid=corp&corpsecret=s3cr3t-corp", sent, sent]);
  });

  test("wechat - markdown stands in its own member", async () => {
    service.replies = [token, taken];
    await wechat("  message_type: markdown\n  message: '**hi**'\n  to_party: '1'").send();
    expect(service.requests[1]?.body).toBe(
      '{"toparty":"1","agentid":"7","safe":"0","msgtype":"markdown","markdown":{"content":"**hi**"}}\n',
    );
  });

  test("wechat - a stale token is fetched anew by the next try, other refusals are final", async () => {
    service.replies = [
      token,
      { body: '{"errcode":42001,"errmsg":"acc-token-1 expired"}' },
      token,
      { body: '{"errcode":81013,"errmsg":"no user"}' },
    ];
    const receiver = wechat();
    const stale = await failureOf(receiver.send());
    expect(stale).toMatchObject({ isRetryable: true });
    expect(stale.message).not.toContain("acc-token-1");
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: false, reason: "clientError" });
    expect(service.requests).toHaveLength(4);
  });

  test("wechat - any other status may be tried again, a wrong secret not", async () => {
    service.replies = [{ status: 404 }, { body: '{"errcode":40001,"errmsg":"s3cr3t-corp is wrong"}' }];
    const receiver = wechat();
    expect(await failureOf(receiver.send())).toMatchObject({ isRetryable: true, reason: "clientError" });
    const wrong = await failureOf(receiver.send());
    expect(wrong).toMatchObject({ isRetryable: false, reason: "authError" });
    expect(wrong.message).not.toContain("s3cr3t-corp");
  });
});
