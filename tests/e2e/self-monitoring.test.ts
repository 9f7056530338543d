import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { askApi, eventually, queryInstant, startStandalone, type TestStandalone } from "@monotreme/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const RULES = resolve(import.meta.dirname, "../../deploy/prometheus/rules/monotreme.yml");

interface Answer {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly name: string;
      readonly health: string;
      readonly state: string;
      readonly lastError?: string;
    }[];
  }[];
}

describe("rules that watch Monotreme itself", () => {
  let standalone: TestStandalone;

  beforeAll(async () => {
    standalone = await startStandalone({
      configYaml: (own) => `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [${RULES}]
scrape_configs: [{job_name: monotreme, static_configs: [{targets: ["${own}"]}]}]
`,
      args: ["--web.enable-lifecycle"],
    });
  });
  afterAll(async () => standalone?.stop());

  const rules = async (): Promise<Answer["groups"][number]["rules"]> => {
    const { groups } = await askApi<Answer>(`${standalone.url}/api/v1/rules`);
    return groups.flatMap((group) => group.rules);
  };

  test("all of them can be evaluated, and none fires while all is well", async () => {
    await eventually(
      async () => expect(await queryInstant(standalone.url, "count_over_time(up[1m]) > 10")).toHaveLength(1),
      { timeoutMs: 60_000 },
    );
    const evaluated = await rules();
    expect(evaluated.length).toBeGreaterThan(20);
    expect(evaluated.filter(({ health }) => health !== "ok")).toEqual([]);
    expect(evaluated.filter(({ state }) => state !== "inactive").map(({ name }) => name)).toEqual([]);
  });

  test("a file that cannot be read again is told", async () => {
    await writeFile(standalone.configFile, "nonsense: true\n");
    const reload = await fetch(`${standalone.url}/-/reload`, { method: "POST" });
    expect(reload.status).toBe(500);
    await eventually(
      async () => {
        const pending = (await rules()).filter(({ state }) => state !== "inactive");
        expect(pending.map(({ name, state }) => [name, state])).toEqual([["MonotremeConfigReloadFailed", "pending"]]);
        return true;
      },
      { timeoutMs: 30_000 },
    );
  });
});
