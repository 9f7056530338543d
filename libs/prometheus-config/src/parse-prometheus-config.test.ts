import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ConfigFileError } from "./config-file-error.ts";
import { parsePrometheusConfig } from "./parse-prometheus-config.ts";
import type { PrometheusConfig, ScrapeConfig } from "./prometheus-config.ts";

function read(text: string, environment: Record<string, string> = {}): PrometheusConfig {
  return parsePrometheusConfig({ fileName: "p.yml", folder: "/etc/prom", text }, { environment });
}

function readJob(fields: string, global = ""): ScrapeConfig {
  const [job] = read(`${global}scrape_configs:\n- job_name: a\n  ${fields.replaceAll("\n", "\n  ")}\n`).scrapeConfigs;
  if (job === undefined) throw new Error("no job");
  return job;
}

function faultsOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    if (error instanceof ConfigFileError) return error.faults;
    throw error;
  }
  return [];
}

describe("prometheus config - defaults", () => {
  test("prometheus config - an empty file has upstream's global defaults and no jobs", () => {
    const config = read("");
    expect(config.global).toEqual({
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      evaluationIntervalMs: 60_000,
      ruleQueryOffsetMs: 0,
      externalLabels: {},
      queryLogFile: undefined,
    });
    expect(config.scrapeConfigs).toEqual([]);
    expect(config.warnings).toEqual([]);
  });

  test("prometheus config - a job has upstream's defaults", () => {
    expect(readJob("")).toMatchObject({
      jobName: "a",
      honorLabels: false,
      honorTimestamps: true,
      trackTimestampsStaleness: false,
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      scrapeProtocols: ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"],
      metricsPath: "/metrics",
      scheme: "http",
      enableCompression: true,
      metricNameValidationScheme: "utf8",
      metricNameEscapingScheme: "allow-utf-8",
      bodySizeLimitBytes: 0,
    });
  });

  test("prometheus config - zero and absent fields inherit from global", () => {
    const global =
      "global: {scrape_interval: 5s, body_size_limit: 10MB, sample_limit: 7, extra_scrape_metrics: true}\n";
    expect(readJob("sample_limit: 0", global)).toMatchObject({
      scrapeIntervalMs: 5000,
      scrapeTimeoutMs: 5000,
      bodySizeLimitBytes: 10 * 1024 * 1024,
      sampleLimit: 7,
      extraScrapeMetrics: true,
    });
    expect(readJob("sample_limit: 9\nextra_scrape_metrics: false", global)).toMatchObject({
      sampleLimit: 9,
      extraScrapeMetrics: false,
    });
  });

  test("prometheus config - the legacy name scheme escapes with underscores", () => {
    expect(readJob("metric_name_validation_scheme: legacy").metricNameEscapingScheme).toBe("underscores");
  });

  test("prometheus config - the result is frozen", () => {
    expect(Object.isFrozen(read("").global.externalLabels)).toBe(true);
  });
});

describe("prometheus config - faults", () => {
  const f = (name: string, text: string, ...expected: string[]) =>
    test(`prometheus config - fault: ${name}`, () => {
      const faults = faultsOf(text);
      expect(faults).toHaveLength(expected.length);
      for (const [i, start] of expected.entries()) expect(faults[i]).toContain(start);
    });
  const job = (fields: string) => `scrape_configs:\n- job_name: a\n${fields}`;

  f(
    "unknown field",
    "global:\n  scrape_intervall: 5s\n",
    "p.yml:2:3: field scrape_intervall not found in global; expected one of scrape_interval, ",
  );
  f(
    "all at once",
    "global:\n  scrape_interval: fast\n  sample_limit: -1\nfoo: 1\n",
    'p.yml:2:20: expected a duration such as 15s or 1m30s, found "fast"',
    'p.yml:3:17: expected a whole number from 0 on, found "-1"',
    "p.yml:4:1: field foo not found in the configuration file",
  );
  f("broken YAML", "global:\n  scrape_interval: 5s\n scrape_timeout: 5s\n", "p.yml:3:1: broken YAML: ");
  f("tab", "global:\n\tscrape_interval: 5s\n", "p.yml:2:1: broken YAML: expected spaces");
  f("key twice", "global: {}\nglobal: {}\n", "p.yml:2:1: broken YAML: this key is set twice");
  f("duplicate job", `${job("")}- job_name: a\n`, 'p.yml:3:3: found multiple scrape configs with job name "a"');
  f("no job name", "scrape_configs:\n- scheme: http\n", "p.yml:2:3: field job_name is missing");
  f("empty job name", "scrape_configs:\n- job_name: ''\n", "p.yml:2:13: job_name is empty");
  f("timeout above interval", job("  scrape_timeout: 2m\n"), "scrape timeout greater than scrape interval");
  f(
    "global timeout above interval",
    "global: {scrape_interval: 5s, scrape_timeout: 6s}\n",
    "global scrape timeout greater",
  );
  f(
    "two ways to authenticate",
    job("  basic_auth: {username: u}\n  authorization: {credentials: c}\n"),
    "p.yml:4:18: at most one of",
  );
  f("empty scrape config", "scrape_configs:\n-\n", "empty item in a list of scrape configs");
  f(
    "static target with a path",
    job("  static_configs: [{targets: ['http://x/y']}]\n"),
    '"http://x/y" is not a valid hostname',
  );
  f("size without unit", job("  body_size_limit: 10\n"), "expected a size with its unit");
  f("relabel step", job("  relabel_configs: [{action: hashmod, target_label: t}]\n"), "needs a modulus");
  f("bad regex", job("  relabel_configs: [{regex: '('}]\n"), "p.yml:3:21: regex ");
  f("file pattern", job("  file_sd_configs: [{files: ['*/x.yml']}]\n"), "expected a path that ends in");
  f(
    "refresh interval 0",
    job("  file_sd_configs: [{files: [x.yml], refresh_interval: 0s}]\n"),
    "refresh_interval must be above 0",
  );
  f("alias without anchor", "global: *nope\n", "alias *nope has no anchor");
  f("list in place of a mapping", "global: []\n", "expected a mapping for global, found a list");
  f(
    "one scrape protocol twice",
    job("  scrape_protocols: [PrometheusText0.0.4, PrometheusText0.0.4]\n"),
    "duplicated protocol",
  );
  f(
    "legacy scheme and dotted label",
    job("  metric_name_validation_scheme: legacy\n  relabel_configs: [{target_label: a.b}]\n"),
    "a.b",
  );
  f("reserved header", job("  http_headers: {Host: {values: [x]}}\n"), "header Host is set by the client");

  test("prometheus config - an alias bomb ends with a fault", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let i = 1; i < 9; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(", ")}]`,
      );
    expect(
      faultsOf(`scrape_configs:\n- job_name: a\n  consul_sd_configs:\n  - ${lines.join("\n    ")}\n`).join(),
    ).toMatch(/aliases expand/);
  });

  test("prometheus config - no text makes the parser throw anything but its own error", () => {
    const piece = fc.constantFrom(
      "global:",
      "  a: b",
      "- x",
      "&a",
      "*a",
      "<<: ",
      "{",
      "}",
      "[",
      "]",
      "\n",
      "'",
      "scrape_configs:\n- job_name: a\n",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 12 }), (parts) => void faultsOf(parts.join(""))),
    );
  });
});

describe("prometheus config - YAML as upstream reads it", () => {
  test("prometheus config - anchors and merge keys", () => {
    const text = "scrape_configs:\n- &base\n  job_name: a\n  honor_labels: yes\n- <<: *base\n  job_name: b\n";
    expect(read(text).scrapeConfigs.map((job) => [job.jobName, job.honorLabels])).toEqual([
      ["a", true],
      ["b", true],
    ]);
  });

  test("prometheus config - a number is a fine text", () => {
    expect(readJob("static_configs: [{targets: [1], labels: {shard: 010}}]").discovery).toEqual([
      { kind: "static", groups: [{ targets: ["1"], labels: { shard: "010" } }] },
    ]);
  });

  test("prometheus config - files are relative to the config's folder", () => {
    const job = readJob(
      "basic_auth: {password_file: secrets/p}\nfile_sd_configs: [{files: ['sd/*.json', /abs/a.yml]}]",
    );
    expect(job.http.basicAuth?.passwordFile).toBe("/etc/prom/secrets/p");
    expect(job.discovery).toEqual([
      { kind: "file", patterns: ["/etc/prom/sd/*.json", "/abs/a.yml"], refreshIntervalMs: 300_000 },
    ]);
  });

  test("prometheus config - external labels expand the environment", () => {
    const config = read("global: {external_labels: {a: '$A-${B}', b: '$$A', c: $NONE}}\n", { A: "1", B: "2" });
    expect(config.global.externalLabels).toEqual({ a: "1-2", b: "$A" });
    expect(config.warnings).toEqual([expect.stringContaining("NONE is not set")]);
  });

  test("prometheus config - what nobody acts on yet is a warning that names it", () => {
    const config = read(
      "rule_files: [a.yml]\nremote_read: []\nscrape_configs:\n- job_name: k\n  consul_sd_configs: [{server: s}]\n",
    );
    expect(config.warnings).toEqual([
      "p.yml:2:14: remote_read is not supported yet and ignored",
      'p.yml:4:3: job "k": consul_sd_configs is not supported yet and ignored',
    ]);
    expect(config.scrapeConfigs[0]?.discovery).toEqual([{ kind: "unsupported", mechanism: "consul" }]);
    expect(config.ruleFiles).toEqual(["/etc/prom/a.yml"]);
  });

  test("prometheus config - the alerting section says where alerts go", () => {
    const alertmanagers =
      "- static_configs: [{targets: [am:9093]}]\n    path_prefix: /x\n    basic_auth: {password: pw}";
    const drop = "alert_relabel_configs: [{regex: replica, action: labeldrop}]";
    const { alerting } = read(`alerting:\n  ${drop}\n  alertmanagers:\n  ${alertmanagers}\n`);
    expect(alerting.alertRelabelConfigs).toHaveLength(1);
    expect(alerting.alertmanagers).toEqual([
      expect.objectContaining({
        scheme: "http",
        pathPrefix: "/x",
        timeoutMs: 10_000,
        discovery: [{ kind: "static", groups: [{ targets: ["am:9093"], labels: {} }] }],
      }),
    ]);
    expect(JSON.stringify(alerting)).not.toContain("pw");
    expect(read("").alerting).toEqual({ alertRelabelConfigs: [], alertmanagers: [] });
  });

  test("prometheus config - scrape config files add jobs, and their faults name them", () => {
    const main = { fileName: "p.yml", folder: "/etc/prom", text: "scrape_configs: [{job_name: a}]\n" };
    const extra = (text: string) => ({ environment: {}, scrapeFiles: [{ fileName: "x.yml", folder: "/x", text }] });
    const config = parsePrometheusConfig(main, extra("scrape_configs: [{job_name: b}]\n"));
    expect(config.scrapeConfigs.map((job) => job.jobName)).toEqual(["a", "b"]);
    expect(() => parsePrometheusConfig(main, extra("scrape_configs: [{job_name: a}]\n"))).toThrow(
      /^x\.yml:1:18: found multiple/,
    );
  });
});

describe("prometheus config - renderings", () => {
  const text = `
scrape_configs:
- job_name: a
  basic_auth: {username: u, password: hunter2}
  params: {m: [x]}
  consul_sd_configs: [{token: hunter2, server: 's:1'}]
  static_configs: [{targets: ['h:1']}]
remote_write:
- url: http://me:hunter2@h/w
`;

  test("prometheus config - a rendering shows defaults and masks secrets", () => {
    const rendered = read(text).renderConfig();
    expect(rendered).not.toContain("hunter2");
    expect(parse(rendered)).toMatchObject({
      global: { scrape_interval: "1m", scrape_timeout: "10s", evaluation_interval: "1m" },
      scrape_configs: [
        {
          job_name: "a",
          honor_timestamps: true,
          scrape_interval: "1m",
          metrics_path: "/metrics",
          basic_auth: { username: "u", password: "<secret>" },
          consul_sd_configs: [{ token: "<secret>", server: "s:1" }],
          static_configs: [{ targets: ["h:1"] }],
        },
      ],
      remote_write: [{ url: "http://me:xxxxx@h/w" }],
    });
  });

  test("prometheus config - a rendering is itself a valid configuration", () => {
    const rendered = read(text).renderConfig();
    expect(read(rendered).renderConfig()).toBe(rendered);
  });

  test("prometheus config - no dump of the typed form shows a secret", () => {
    expect(JSON.stringify(read(text))).not.toContain("hunter2");
    expect(read(text).scrapeConfigs[0]?.http.basicAuth?.password?.reveal()).toBe("hunter2");
  });

  test("prometheus config - fingerprints differ where a secret does", () => {
    const print = (each: string) => read(each).scrapeConfigs[0]?.fingerprint;
    expect(print(text)).toBe(print(text));
    expect(print(text.replace("password: hunter2", "password: hunter3"))).not.toBe(print(text));
  });
});
