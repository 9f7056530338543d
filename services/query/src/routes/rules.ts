import type { DescribedRule, DescribedRuleGroup, RulesQuestion } from "@monotreme/contracts";
import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import { Labels, matchesAll, type Matcher } from "@monotreme/model";
import { envelope } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import { type GroupPage, pageOfGroups } from "../rules/page-of-groups.ts";
import type { RuleDirectory } from "../rules/rule-directory.ts";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import { parametersOf, type RouteContext, tenantOf } from "./route-context.ts";

/** `GET /api/v1/rules`, `/api/v1/alerts` and `/api/v1/alertmanagers`: what the rulers know. */
export function addRuleRoutes(app: FastifyInstance, context: RouteContext, directory: RuleDirectory): void {
  app.get("/api/v1/rules", async (request, reply) => {
    const parameters = parametersOf(request);
    const question = rulesQuestionOf(parameters, tenantOf(request));
    const matcherSets = parameters.matcherSets(context.language.parser);
    const page = pageOf(parameters);
    const { groups, warnings } = await directory.rules(question);
    const matching = groups.flatMap((group) => matchingGroup(group, matcherSets));
    const paged = page === undefined ? { groups: matching, nextToken: undefined } : pageOfGroups(matching, page);
    if (paged === undefined) {
      const reason = `invalid group_next_token '${page?.token}'. were rule groups changed?`;
      throw ParameterError.of("group_next_token", reason);
    }
    const shown = paged.groups.map((group) => shownGroup(group, question.excludeAlerts === true));
    const data = { groups: shown, ...(paged.nextToken !== undefined && { groupNextToken: paged.nextToken }) };
    return sendJson(request, reply, envelope([JSON.stringify(data)], { warnings }), context.meter);
  });
  app.get("/api/v1/alerts", async (request, reply) => {
    const { groups, warnings } = await directory.rules({ tenant: tenantOf(request), type: "alerting" });
    const rules = groups.flatMap((group) => group.rules);
    const alerts = rules.flatMap((rule) => (rule.type === "alerting" ? rule.alerts : []));
    return sendJson(request, reply, envelope([JSON.stringify({ alerts })], { warnings }), context.meter);
  });
  app.get("/api/v1/alertmanagers", async () => {
    const { active, dropped, warnings } = await directory.alertmanagers();
    const shown = (urls: readonly string[]): object[] => urls.map((url) => ({ url }));
    return successEnvelope({ activeAlertmanagers: shown(active), droppedAlertmanagers: shown(dropped) }, warnings);
  });
}

const TYPES: Readonly<Record<string, RulesQuestion["type"]>> = { alert: "alerting", record: "recording" };

function rulesQuestionOf(parameters: RequestParameters, tenant: string): RulesQuestion {
  const typeText = parameters.text("type").toLowerCase();
  const type = TYPES[typeText];
  if (typeText !== "" && type === undefined) {
    throw ParameterError.of("type", `not supported value ${JSON.stringify(typeText)}`);
  }
  return {
    tenant,
    ...(type !== undefined && { type }),
    ruleNames: parameters.all("rule_name[]"),
    groupNames: parameters.all("rule_group[]"),
    files: parameters.all("file[]"),
    excludeAlerts: excludesAlerts(parameters),
  };
}

/** The words that Go takes for a boolean. */
function excludesAlerts(parameters: RequestParameters): boolean {
  const text = parameters.text("exclude_alerts");
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["", "0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  const reason = `error converting exclude_alerts: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw ParameterError.of("exclude_alerts", reason);
}

/** Undefined: all groups at once. */
function pageOf(parameters: RequestParameters): GroupPage | undefined {
  const limitText = parameters.text("group_limit");
  const token = parameters.text("group_next_token");
  if (limitText === "") {
    if (token === "") return undefined;
    const reason = "group_limit needs to be present in order to paginate over the groups";
    throw ParameterError.of("group_next_token", reason);
  }
  if (!/^[+-]?\d{1,10}$/.test(limitText) || Math.abs(Number(limitText)) > 2 ** 31 - 1) {
    throw ParameterError.of("group_limit", `group_limit needs to be a valid number: ${JSON.stringify(limitText)}`);
  }
  if (Number(limitText) <= 0) throw ParameterError.of("group_limit", "group_limit needs to be greater than 0");
  return { limit: Number(limitText), token };
}

/** None where no rule of the group matches. */
function matchingGroup(
  group: DescribedRuleGroup,
  matcherSets: readonly (readonly Matcher[])[],
): readonly DescribedRuleGroup[] {
  if (matcherSets.length === 0) return [group];
  const rules = group.rules.filter((rule) => {
    const labels = plainLabels(rule);
    return matcherSets.some((matchers) => matchesAll(matchers, labels));
  });
  return rules.length === 0 ? [] : [{ ...group, rules }];
}

/** Labels whose value is a template have none to be matched with. */
function plainLabels({ labels }: DescribedRule): Labels {
  return Labels.fromEntries(Object.entries(labels).filter(([, value]) => !value.includes("{{")));
}

/** The field order is upstream's. */
function shownGroup(group: DescribedRuleGroup, excludeAlerts: boolean): object {
  const { name, file, rules, interval, limit, evaluationTime, lastEvaluation } = group;
  const shown = rules.map((rule) => shownRule(rule, excludeAlerts));
  return { name, file, rules: shown, interval, limit, evaluationTime, lastEvaluation };
}

function shownRule(rule: DescribedRule, excludeAlerts: boolean): object {
  const { name, query, labels, health, lastError, evaluationTime, lastEvaluation, type } = rule;
  const end = { health, ...(lastError !== undefined && { lastError }), evaluationTime, lastEvaluation, type };
  if (rule.type === "recording") return { name, query, ...(Object.keys(labels).length > 0 && { labels }), ...end };
  const { state, duration, keepFiringFor, annotations } = rule;
  // As upstream has it: null says that alerts were not asked for.
  const alerts = excludeAlerts ? null : rule.alerts;
  return { state, name, query, duration, keepFiringFor, labels, annotations, alerts, ...end };
}
