import type {
  DescribedAlertingRule,
  DescribedRecordingRule,
  DescribedRuleGroup,
  RulesQuestion,
} from "@monotreme/contracts";
import { describe, expect, test } from "vitest";
import { joinGroups } from "../rules/join-groups.ts";
import type { RuleDirectory } from "../rules/rule-directory.ts";
import { createFixture } from "./query-fixture.ts";

const EVALUATED = "2025-06-15T15:06:40.25Z";

const RECORDING: DescribedRecordingRule = {
  name: "job:up:sum",
  query: "sum by (job) (up)",
  labels: {},
  health: "ok",
  evaluationTime: 0.25,
  lastEvaluation: EVALUATED,
  type: "recording",
};

const ALERTING: DescribedAlertingRule = {
  state: "firing",
  name: "Down",
  query: "up == 0",
  duration: 300,
  keepFiringFor: 0,
  labels: { severity: "page", where: "{{ $labels.job }}" },
  annotations: { summary: "{{ $value }}" },
  alerts: [
    {
      labels: { alertname: "Down", severity: "page" },
      annotations: { summary: "0" },
      state: "firing",
      activeAt: EVALUATED,
      value: "0e+00",
    },
  ],
  health: "err",
  lastError: "no luck",
  evaluationTime: 1,
  lastEvaluation: EVALUATED,
  type: "alerting",
};

function group(name: string, rules: DescribedRuleGroup["rules"]): DescribedRuleGroup {
  const times = { interval: 60, limit: 0, evaluationTime: 0.5, lastEvaluation: EVALUATED };
  return { name, file: "/r.yml", rules, ...times };
}

const GROUPS = [group("a", [RECORDING]), group("b", [RECORDING, ALERTING]), group("c", [ALERTING])];

async function bench(groups: readonly DescribedRuleGroup[] = GROUPS) {
  const questions: RulesQuestion[] = [];
  const rules: RuleDirectory = {
    rules: async (question) => {
      questions.push(question);
      return { groups, warnings: ["late"] };
    },
    alertmanagers: async () => ({ active: ["http://am/api/v2/alerts"], dropped: ["http://x"], warnings: [] }),
  };
  const { app } = await createFixture({ rules });
  const get = async (url: string, headers: Record<string, string> = {}) => app.inject({ method: "GET", url, headers });
  return { get, questions };
}

describe("rule routes", () => {
  test("rule routes - a group is shown field for field as upstream shows it", async () => {
    const { get } = await bench([group("b", [RECORDING, ALERTING])]);
    const { payload } = await get("/api/v1/rules");
    expect(payload).toBe(
      '{"status":"success","data":{"groups":[{"name":"b","file":"/r.yml","rules":[' +
        '{"name":"job:up:sum","query":"sum by (job) (up)","health":"ok","evaluationTime":0.25,' +
        '"lastEvaluation":"2025-06-15T15:06:40.25Z","type":"recording"},' +
        '{"state":"firing","name":"Down","query":"up == 0","duration":300,"keepFiringFor":0,' +
        '"labels":{"severity":"page","where":"{{ $labels.job }}"},"annotations":{"summary":"{{ $value }}"},' +
        '"alerts":[{"labels":{"alertname":"Down","severity":"page"},"annotations":{"summary":"0"},"state":"firing",' +
        '"activeAt":"2025-06-15T15:06:40.25Z","value":"0e+00"}],"health":"err","lastError":"no luck",' +
        '"evaluationTime":1,"lastEvaluation":"2025-06-15T15:06:40.25Z","type":"alerting"}],' +
        '"interval":60,"limit":0,"evaluationTime":0.5,"lastEvaluation":"2025-06-15T15:06:40.25Z"}]},' +
        '"warnings":["late"]}',
    );
  });

  test("rule routes - filters reach the rulers", async () => {
    const { get, questions } = await bench();
    const f = async (query: string, expected: Partial<RulesQuestion>): Promise<void> => {
      await get(`/api/v1/rules?${query}`, { "x-scope-orgid": "team" });
      expect(questions.at(-1), query).toMatchObject({ tenant: "team", ...expected });
    };
    await f("type=alert", { type: "alerting" });
    await f("type=record", { type: "recording" });
    await f("rule_name[]=a&rule_name[]=b", { ruleNames: ["a", "b"] });
    await f("rule_group[]=g&file[]=f", { groupNames: ["g"], files: ["f"] });
    await f("exclude_alerts=True", { excludeAlerts: true });
    await f("exclude_alerts=0", { excludeAlerts: false });
  });

  test("rule routes - match[] looks at the labels of rules that are no templates", async () => {
    const { get } = await bench();
    const names = async (query: string): Promise<string[]> => {
      const answer = (await get(`/api/v1/rules?${query}`)).json<{ data: { groups: DescribedRuleGroup[] } }>();
      return answer.data.groups.flatMap((each) => each.rules.map((rule) => `${each.name}/${rule.name}`));
    };
    expect(await names('match[]={severity="page"}')).toEqual(["b/Down", "c/Down"]);
    expect(await names('match[]={where=~".%2B"}')).toEqual([]);
    expect(await names('match[]={severity="none"}&match[]={severity=~"p.*"}')).toEqual(["b/Down", "c/Down"]);
  });

  test("rule routes - pages follow each other and end", async () => {
    const { get } = await bench();
    const page = async (token?: string) => {
      const url = `/api/v1/rules?group_limit=2${token === undefined ? "" : `&group_next_token=${token}`}`;
      const { data } = (await get(url)).json<{ data: { groups: DescribedRuleGroup[]; groupNextToken?: string } }>();
      return { names: data.groups.map(({ name }) => name), token: data.groupNextToken };
    };
    const first = await page();
    expect(first.names).toEqual(["a", "b"]);
    expect(await page(first.token)).toEqual({ names: ["c"], token: undefined });
  });

  test("rule routes - what cannot be read is refused in upstream's words", async () => {
    const { get } = await bench();
    const f = async (query: string, error: string): Promise<void> => {
      const answer = await get(`/api/v1/rules?${query}`);
      expect(answer.statusCode, query).toBe(400);
      expect(answer.json(), query).toEqual({ status: "error", errorType: "bad_data", error });
    };
    await f("type=foo", 'invalid parameter "type": not supported value "foo"');
    await f("group_limit=0", 'invalid parameter "group_limit": group_limit needs to be greater than 0');
    await f("group_limit=x", 'invalid parameter "group_limit": group_limit needs to be a valid number: "x"');
    await f(
      "group_next_token=x",
      'invalid parameter "group_next_token": group_limit needs to be present in order to paginate over the groups',
    );
    await f(
      "group_limit=1&group_next_token=x",
      `invalid parameter "group_next_token": invalid group_next_token 'x'. were rule groups changed?`,
    );
    await f(
      "exclude_alerts=maybe",
      'invalid parameter "exclude_alerts": error converting exclude_alerts: strconv.ParseBool: parsing "maybe": invalid syntax',
    );
  });

  test("rule routes - alerts of all groups, and the Alertmanagers", async () => {
    const { get, questions } = await bench();
    const { data } = (await get("/api/v1/alerts")).json<{ data: { alerts: object[] } }>();
    expect(data.alerts).toEqual([...ALERTING.alerts, ...ALERTING.alerts]);
    expect(questions.at(-1)).toEqual({ tenant: "anonymous", type: "alerting" });
    expect((await get("/api/v1/alertmanagers")).payload).toBe(
      '{"status":"success","data":{"activeAlertmanagers":[{"url":"http://am/api/v2/alerts"}],' +
        '"droppedAlertmanagers":[{"url":"http://x"}]}}',
    );
  });

  test("rule routes - parts of long groups are joined; of two rulers with one group the later evaluation counts", () => {
    const part = (replica: string, groups: readonly DescribedRuleGroup[]) => ({
      replica,
      isLast: true,
      groups,
      warnings: [],
    });
    const [alert] = ALERTING.alerts;
    if (alert === undefined) throw new Error("no alert");
    const second = { ...alert, value: "1e+00" };
    const old = { ...group("b", []), lastEvaluation: "2025-06-15T15:06:00Z" };
    const joined = joinGroups([
      part("one", [group("b", [RECORDING, ALERTING])]),
      part("two", [old, group("a", [RECORDING])]),
      part("one", [{ ...group("b", [{ ...ALERTING, alerts: [second] }, RECORDING]), continuesRule: true }]),
    ]);
    expect(joined).toEqual([
      group("a", [RECORDING]),
      group("b", [RECORDING, { ...ALERTING, alerts: [alert, second] }, RECORDING]),
    ]);
  });
});
