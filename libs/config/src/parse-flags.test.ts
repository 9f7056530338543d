import { describe, expect, test } from "vitest";
import { durationSchema, listenAddressSchema, sizeSchema, switchSchema, textSchema } from "./flag-schemas.ts";
import { environmentVariableOf, flag, optionalFlag, switchFlag } from "./flags.ts";
import { FlagError, givenText, givenTexts, parseFlags } from "./parse-flags.ts";

const FLAGS = {
  address: flag("web.listen-address", listenAddressSchema, "127.0.0.1:9090", "Address."),
  timeout: flag("query.timeout", durationSchema, "2m", "Time."),
  size: flag("samples.max-bytes", sizeSchema, "4GB", "Size."),
  file: optionalFlag("config.file", textSchema, "File."),
  lifecycle: switchFlag("web.enable-lifecycle", switchSchema, "Switch."),
} as const;

function parse(argv: readonly string[], environment: Record<string, string> = {}) {
  return parseFlags(FLAGS, { argv, environment });
}

describe("flags", () => {
  test("defaults hold where nothing is given", () => {
    expect(parse([]).values).toEqual({
      address: { host: "127.0.0.1", port: 9090 },
      timeout: 120_000,
      size: 4 * 2 ** 30,
      lifecycle: false,
    });
  });

  test("are read in every spelling", () => {
    const f = (argv: string[], key: keyof typeof FLAGS, expected: unknown): void =>
      expect(parse(argv).values[key], argv.join(" ")).toEqual(expected);
    f(["--web.listen-address=[::1]:80"], "address", { host: "::1", port: 80 });
    f(["--web.listen-address", ":80"], "address", { host: "", port: 80 });
    f(["-query.timeout=1m30s"], "timeout", 90_000);
    f(["--samples.max-bytes=512MB"], "size", 512 * 2 ** 20);
    f(["--config.file=a=b.yml"], "file", "a=b.yml");
    f(["--web.enable-lifecycle"], "lifecycle", true);
    f(["--web.enable-lifecycle", "--no-web.enable-lifecycle"], "lifecycle", false);
    f(["--web.enable-lifecycle=true"], "lifecycle", true);
  });

  test("a flag wins over its variable, the variable over the default", () => {
    const variable = environmentVariableOf("query.timeout");
    expect(variable).toBe("MONOTREME_QUERY_TIMEOUT");
    expect(parse([], { [variable]: "7s" }).values.timeout).toBe(7000);
    expect(parse(["--query.timeout=8s"], { [variable]: "7s" }).values.timeout).toBe(8000);
  });

  test("all faults are told at once, each with its source", () => {
    const environment = { MONOTREME_SAMPLES_MAX_BYTES: "lots" };
    const act = (): unknown =>
      parse(["--query.timeout=soon", "--nonsense", "word", "--web.listen-address=x"], environment);
    expect(act).toThrow(FlagError);
    expect(act).toThrow(/--query\.timeout=soon: expected a duration/);
    expect(act).toThrow(/unknown flag --nonsense/);
    expect(act).toThrow(/unexpected argument "word"/);
    expect(act).toThrow(/--web\.listen-address=x: expected host:port/);
    expect(act).toThrow(/MONOTREME_SAMPLES_MAX_BYTES=lots: expected a size/);
  });

  test("a port above 65535 and a missing value are faults", () => {
    expect(() => parse(["--web.listen-address=:70000"])).toThrow(/above 65535/);
    expect(() => parse(["--config.file"])).toThrow(/--config\.file needs a value/);
  });

  test("flags of upstream without a meaning here are named, with or without a value", () => {
    const argv = ["--storage.tsdb.retention.time=15d", "--web.max-connections", "9", "--storage.tsdb.no-lockfile"];
    expect(parse(argv).ignored).toEqual([
      "storage.tsdb.retention.time",
      "web.max-connections",
      "storage.tsdb.no-lockfile",
    ]);
  });

  test("a flag that is given several times can be read as a list", () => {
    const argv = ["--cluster.peer=a:1", "--other", "--cluster.peer", "b:2"];
    expect(givenTexts("cluster.peer", { argv, environment: { MONOTREME_CLUSTER_PEER: "c:3" } })).toEqual([
      "a:1",
      "b:2",
    ]);
    expect(givenTexts("cluster.peer", { argv: [], environment: { MONOTREME_CLUSTER_PEER: "c:3" } })).toEqual(["c:3"]);
  });

  test("one flag of a command line can be read before the rest is known", () => {
    const f = (argv: readonly string[], environment: Record<string, string>, expected: string | undefined): void =>
      expect(givenText("roles", { argv, environment })).toBe(expected);
    f(["--roles=a,b"], {}, "a,b");
    f(["--other=x", "-roles", "c", "--rolesx=y"], { MONOTREME_ROLES: "z" }, "c");
    f(["--roles=a", "--roles=b=c"], {}, "b=c");
    f(["roles.yml"], { MONOTREME_ROLES: "z" }, "z");
    f([], {}, undefined);
  });
});
