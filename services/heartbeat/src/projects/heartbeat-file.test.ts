import fc from "fast-check";
import { ConfigFileError } from "@monotreme/prometheus-config";
import { describe, expect, test } from "vitest";
import { parseHeartbeatFile } from "./load-heartbeat-file.ts";

const PLACE = { fileName: "hb.yml", folder: "/etc/hb" };

function faultsOf(text: string): readonly string[] {
  try {
    parseHeartbeatFile(text, PLACE);
    return [];
  } catch (error) {
    if (error instanceof ConfigFileError) return error.faults;
    throw error;
  }
}

/** A project with checks, the first of them on line 4. */
function withChecks(...lines: readonly string[]): string {
  return ["projects:", "- name: p", "  checks:", ...lines.map((line) => `  - ${line}`)].join("\n");
}

function withChannels(...lines: readonly string[]): string {
  return ["projects:", "- name: p", "  channels:", ...lines.map((line) => `  - ${line}`)].join("\n");
}

describe("heartbeat file", () => {
  test("file - a project with all that a check and a channel may say", () => {
    const [project] = parseHeartbeatFile(
      `projects:
- name: ours
  ping_key: ping-key-1
  api_key_file: keys/api
  channels:
  - {name: phone, kind: ntfy, url: https://ntfy.sh/topic, token: tk, repeat: 4h}
  - {name: mail, kind: email, to: "a@example.org, b@example.org", from: c@example.org, smarthost: {host: mx}, send_up: no}
  - {name: hook, kind: webhook, down: {url: http://h/$CODE, headers: {X-A: secret}, body: $NAME}}
  checks:
  - name: Backup of Zoë
    tags: prod db
    timeout: 1d
    grace: 90
    failure_kw: [bad, very bad]
    filter_http_body: true
    methods: POST
    channels: [mail]
  - slug: other
    uuid: 0123abcd-0123-4abc-8abc-0123456789ab
    tags: [a, b]
    schedule: "0 4 * * *"
    tz: Europe/Riga
    manual_resume: true
    channels: ""
`,
      PLACE,
    );
    expect(project?.apiKey.file).toBe("/etc/hb/keys/api");
    expect(project?.pingKey.key?.reveal()).toBe("ping-key-1");
    expect(project?.channels).toMatchObject([
      { kind: "ntfy", repeatMs: 14_400_000, priorityDown: 4, priorityUp: 3, isToldUp: true },
      { kind: "email", to: ["a@example.org", "b@example.org"], smarthost: { host: "mx", port: 587 }, isToldUp: false },
      { kind: "webhook", down: { method: "POST", body: "$NAME" }, up: undefined },
    ]);
    expect(project?.checks).toMatchObject([
      {
        id: undefined,
        name: "Backup of Zoë",
        slug: "backup-of-zoe",
        tags: ["prod", "db"],
        schedule: { kind: "simple", periodMs: 86_400_000 },
        graceMs: 90_000,
        postOnly: true,
        filters: { failureKeywords: ["bad", "very bad"], httpBody: true, subject: false },
        channels: ["mail"],
      },
      {
        id: "0123abcd-0123-4abc-8abc-0123456789ab",
        schedule: { kind: "cron", expression: "0 4 * * *", timeZone: "Europe/Riga" },
        graceMs: 3_600_000,
        manualResume: true,
        channels: [],
      },
    ]);
    expect(JSON.stringify(project)).not.toMatch(/ping-key-1|tk"|ntfy\.sh|secret"/);
  });

  test("file - a check without channels has all of its project", () => {
    const text = `${withChannels("{name: h, kind: webhook, up: {url: http://h}}")}\n  checks: [{name: a}]`;
    expect(parseHeartbeatFile(text, PLACE)[0]?.checks[0]?.channels).toEqual(["h"]);
  });

  test("file - every fault with its line", () => {
    const f = (text: string, ...expected: readonly string[]): void => {
      const faults = faultsOf(text);
      expect(faults.length, `${text}\n${faults.join("\n")}`).toBe(expected.length);
      for (const [at, fault] of expected.entries()) expect(faults[at]).toContain(`hb.yml:${fault}`);
    };
    f("", "1:1: field projects is missing");
    f("projects: [", "1:12: broken YAML");
    f(
      "project: []",
      "1:1: field project not found in the heartbeat file; expected one of projects",
      "1:1: field projects",
    );
    f("projects: [{}]", "1:12: field name is missing");
    f("projects: [{name: a}, {name: a}]", '1:1: 2 projects have the name "a"', "1:1: 2 projects have the uuid");
    f("projects: [{name: a, api_key: short}]", "1:31: api_key is shorter than 8 characters");
    f("projects: [{name: a, ping_key: 'with/slash'}]", "1:32: ping_key has characters that cannot stand in an address");
    f("projects: [{name: a, api_key: long-enough, api_key_file: f}]", "1:58: at most one of api_key & api_key_file");
    f(withChecks("{timeout: 60}"), "4:5: a check needs a name, a slug or a uuid");
    f(withChecks("{name: '???'}"), "4:5: a check needs a name, a slug or a uuid");
    f(withChecks("{name: a, timeout: 59}"), "4:24: expected seconds or a duration such as 1h30m");
    f(withChecks("{name: a, timeout: 366d}"), "4:24: expected seconds or a duration such as 1h30m");
    f(withChecks("{name: a, schedule: '* * * *'}"), "4:25: ");
    f(withChecks("{name: a, schedule: '* * * * *', tz: Mars/Base}"), "4:25: ");
    f(withChecks("{name: a, schedule: '* * * * *', timeout: 60}"), "4:25: at most one of timeout & schedule");
    f(withChecks("{name: a, tz: UTC}"), "4:19: tz needs a schedule");
    f(withChecks("{name: a, slug: A}"), "4:21: expected at most 100 of a-z");
    f(withChecks("{name: a, methods: GET}"), '4:24: expected one of , POST, found "GET"');
    f(withChecks('{name: "a\\u0007b"}'), "4:12: expected no control characters");
    f(withChecks("{name: a, channels: nobody}"), '4:3: there is no channel "nobody" in the project');
    f(withChecks("{name: a}", "{slug: a}"), '1:1: 2 checks of the project "p" have the slug "a"');
    f(withChannels("{name: a, kind: sms}"), '4:21: expected one of ntfy, email, webhook, found "sms"');
    f(withChannels("{name: a, kind: ntfy}"), "4:5: a channel of kind ntfy needs the field url");
    f(withChannels("{name: a, kind: ntfy, url: ftp://x}"), "4:32: expected an address that begins with http");
    f(
      withChannels("{name: a, kind: webhook, url: http://x}"),
      "4:5: a channel of kind webhook needs down",
      "4:35: a channel of kind webhook has no field url",
    );
    f(withChannels("{name: 'a,b', kind: webhook, up: {url: http://x}}"), "4:12: expected a name without commas");
    f(withChannels("{name: a, kind: ntfy, url: http://x/y, priority_up: 6}"), "4:57: expected a priority from 1 to 5");
  });

  test.each(["ping_key: s3cr3t/s3cr3t", "api_key: [s3cr3t]", "channels: [{name: a, kind: ntfy, url: s3cr3t}]"])(
    "file - the fault of '%s' does not tell the secret",
    (field) => {
      const faults = faultsOf(`projects: [{name: a, ${field}}]`);
      expect(faults.length).toBe(1);
      expect(faults[0]).not.toContain("s3cr3t");
    },
  );

  test("file - anything is a project or a fault with a line", () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constantFrom("60", "1h", "* * * * *", "ntfy", null),
    );
    const entry = fc.dictionary(
      fc.constantFrom("name", "slug", "uuid", "tags", "timeout", "schedule", "tz", "grace", "kind", "url", "channels"),
      fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })),
    );
    const project = fc.record(
      {
        name: scalar,
        ping_key: scalar,
        checks: fc.array(entry, { maxLength: 3 }),
        channels: fc.array(entry, { maxLength: 2 }),
      },
      { requiredKeys: ["name"] },
    );
    fc.assert(
      fc.property(fc.array(project, { maxLength: 3 }), (projects) => {
        for (const fault of faultsOf(JSON.stringify({ projects }))) expect(fault).toMatch(/^hb\.yml:\d+:\d+: /);
      }),
    );
  });
});
