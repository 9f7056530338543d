import { expect, test } from "vitest";
import { createMatcherParser } from "../matchers/matcher-parser.ts";
import { createRoute, type RouteOptions } from "./create-route.ts";
import { groupKeyOf, groupLabelsOf, matchRoutes, receiversOf, walkRoutes } from "./match-routes.ts";
import type { Route } from "./route.ts";

const parser = createMatcherParser("fallback");

function route(options: Partial<RouteOptions>, matchers = ""): RouteOptions {
  return {
    receiver: undefined,
    groupBy: undefined,
    groupWaitMs: undefined,
    groupIntervalMs: undefined,
    repeatIntervalMs: undefined,
    muteTimeIntervals: [],
    activeTimeIntervals: [],
    matchers: parser.parseMatchers(matchers),
    continues: false,
    labels: {},
    routes: [],
    ...options,
  };
}

const TREE = createRoute(
  route({
    receiver: "root",
    groupBy: ["b", "a"],
    labels: { team: "all", tier: "1" },
    routes: [
      route({ receiver: "log", continues: true }, 'severity=~".+"'),
      route(
        {
          receiver: "db",
          groupBy: ["..."],
          groupWaitMs: 1,
          muteTimeIntervals: ["night"],
          labels: { team: "db" },
          routes: [
            route({ groupBy: [] }, "severity=critical"),
            route({ continues: true }, "env=test"),
            route({}, "env!=x"),
          ],
        },
        "service=mysql",
      ),
      route({}, "service=mysql"),
      route({}, "severity=critical"),
    ],
  }),
);

function ids(labels: Record<string, string>): readonly string[] {
  return matchRoutes(TREE, labels).map(({ id }) => id);
}

test("routes - depth first, the first match ends the search unless it continues", () => {
  const f = (labels: Record<string, string>, ...expected: string[]): void =>
    expect(ids(labels), JSON.stringify(labels)).toEqual(expected);
  f({}, "{}");
  f({ severity: "low" }, '{}/{severity=~".+"}/0');
  f({ severity: "critical" }, '{}/{severity=~".+"}/0', '{}/{severity="critical"}/3');
  f({ service: "mysql", env: "x" }, '{}/{service="mysql"}/1');
  f({ service: "mysql" }, '{}/{service="mysql"}/{env!="x"}/2');
  f({ service: "mysql", env: "test" }, '{}/{service="mysql"}/{env="test"}/1', '{}/{service="mysql"}/{env!="x"}/2');
});

test("routes - all but the time intervals is inherited", () => {
  const find = (id: string): Route | undefined => walkRoutes(TREE).find((each) => each.id === id);
  expect(TREE).toMatchObject({ groupBy: ["a", "b"], groupByAll: false, groupWaitMs: 30_000, groupIntervalMs: 300_000 });
  expect(TREE.repeatIntervalMs).toBe(14_400_000);
  expect(find('{}/{service="mysql"}/1')).toMatchObject({ groupByAll: true, groupBy: [], muteTimeIntervals: ["night"] });
  expect(find('{}/{service="mysql"}/{env!="x"}/2')).toMatchObject({
    receiver: "db",
    groupByAll: true,
    groupWaitMs: 1,
    muteTimeIntervals: [],
    labels: { team: "db", tier: "1" },
  });
  expect(find('{}/{service="mysql"}/{severity="critical"}/0')).toMatchObject({ groupByAll: false, groupBy: [] });
  expect([...receiversOf(TREE)]).toEqual(["root", "log", "db"]);
});

test("routes - group keys are upstream's", () => {
  const labels = { alertname: 'X "y"', severity: "critical", b: "2" };
  const [, critical] = matchRoutes(TREE, labels);
  const f = (taken: Route | undefined, expected: string): void => {
    expect(taken).toBeDefined();
    if (taken !== undefined) expect(groupKeyOf(taken, groupLabelsOf(taken, labels))).toBe(expected);
  };
  f(critical, '{}/{severity="critical"}:{b="2"}');
  const [mysql] = matchRoutes(TREE, { ...labels, service: "mysql", env: "x" });
  f(mysql, '{}/{severity=~".+"}:{b="2"}');
  const all = walkRoutes(TREE).find(({ id }) => id === '{}/{service="mysql"}/1');
  f(all, '{}/{service="mysql"}:{alertname="X \\"y\\"", b="2", severity="critical"}');
});
