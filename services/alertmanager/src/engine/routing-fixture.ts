import {
  type AlertmanagerConfig,
  createLabelMatcher,
  type InhibitRule,
  type LabelMatcher,
  type Receiver,
  type Route,
  type TimeInterval,
} from "@monotreme/alertmanager-config";

const SECOND = 1000;

const HTTP = { basicAuth: undefined, authorization: undefined, tls: undefined, followRedirects: true, headers: {} };

export type RouteInput = Partial<Omit<Route, "routes" | "matchers">> & {
  readonly matchers?: readonly string[];
  readonly routes?: readonly RouteInput[];
};

/** A route with short times for units: waits 10 s, interval 60 s, repeat 600 s, one group. Children inherit. */
export function routeOf(input: RouteInput, parent?: Route, position = 0): Route {
  const { matchers = [], routes = [], ...own } = input;
  const parsed = matchers.map(matcherOf);
  const key = `${parent === undefined ? "" : `${parent.key}/`}{${parsed.join(",")}}`;
  const route: Route = {
    receiver: "default",
    groupBy: [],
    groupByAll: false,
    groupWaitMs: 10 * SECOND,
    groupIntervalMs: 60 * SECOND,
    repeatIntervalMs: 600 * SECOND,
    labels: {},
    ...parent,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    continues: false,
    ...own,
    id: parent === undefined ? key : `${key}/${position}`,
    key,
    matchers: parsed,
    routes: [],
  };
  return { ...route, routes: routes.map((child, at) => routeOf(child, route, at)) };
}

/** From `name="value"` and the like. */
export function matcherOf(text: string): LabelMatcher {
  const parts = /^(\w+)(=~|!~|!=|=)"(.*)"$/.exec(text);
  const operator = parts?.[2];
  if (parts === null || (operator !== "=" && operator !== "!=" && operator !== "=~" && operator !== "!~")) {
    throw new Error(`no matcher: ${text}`);
  }
  return createLabelMatcher(operator, parts[1] ?? "", parts[3] ?? "");
}

export function inhibitRuleOf(
  source: readonly string[],
  target: readonly string[],
  equal: readonly string[] = [],
): InhibitRule {
  return { name: "", sourceMatchers: source.map(matcherOf), targetMatchers: target.map(matcherOf), equal };
}

/** A configuration of what the routing needs. */
export function configOf(
  route: RouteInput,
  parts: { readonly inhibitRules?: readonly InhibitRule[]; readonly timeIntervals?: readonly TimeInterval[] } = {},
): AlertmanagerConfig {
  const root = routeOf(route);
  return {
    global: { resolveTimeoutMs: 300 * SECOND, httpConfig: HTTP },
    route: root,
    receivers: receiverNames(root).map(receiverOf),
    inhibitRules: parts.inhibitRules ?? [],
    timeIntervals: new Map((parts.timeIntervals ?? []).map((interval) => [interval.name, interval])),
    templates: [],
    warnings: [],
    renderConfig: () => "",
  };
}

function receiverNames(route: Route): string[] {
  return [...new Set([route.receiver, ...route.routes.flatMap(receiverNames)])];
}

/** A receiver without integrations: units give it theirs. */
export function receiverOf(name: string): Receiver {
  return {
    name,
    labels: { name },
    discordConfigs: [],
    emailConfigs: [],
    incidentioConfigs: [],
    jiraConfigs: [],
    mattermostConfigs: [],
    msteamsConfigs: [],
    msteamsv2Configs: [],
    ntfyConfigs: [],
    opsgenieConfigs: [],
    pagerdutyConfigs: [],
    pushoverConfigs: [],
    rocketchatConfigs: [],
    slackConfigs: [],
    snsConfigs: [],
    telegramConfigs: [],
    victoropsConfigs: [],
    webexConfigs: [],
    webhookConfigs: [],
    wechatConfigs: [],
  };
}
