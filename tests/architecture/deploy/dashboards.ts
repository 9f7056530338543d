import { readFileSync } from "node:fs";
import { z } from "zod";

const panel = z.looseObject({
  id: z.number(),
  type: z.enum(["row", "stat", "timeseries", "table"]),
  title: z.string().min(1),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.looseObject({ refId: z.string(), expr: z.string(), instant: z.boolean().optional() })).default([]),
});

const variable = z.looseObject({
  name: z.string(),
  type: z.enum(["datasource", "query"]),
  definition: z.string().optional(),
});

const dashboard = z.looseObject({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(variable) }),
  panels: z.array(panel).min(1),
});

/** One query of a panel, with Grafana's variables filled in. */
export interface PanelQuery {
  readonly panel: string;
  readonly expression: string;
  readonly isInstant: boolean;
}

export interface Dashboard {
  readonly uid: string;
  readonly panels: z.infer<typeof dashboard>["panels"];
  readonly queries: readonly PanelQuery[];
}

/** Reads a dashboard; values of its variables may be given, others match everything. */
export function readDashboard(path: string, values: Readonly<Record<string, string>> = {}): Dashboard {
  const { uid, panels, templating } = dashboard.parse(JSON.parse(readFileSync(path, "utf8")));
  const names = templating.list.filter(({ type }) => type === "query").map(({ name }) => name);
  const filled = (text: string): string =>
    names.reduce(
      (result, name) => result.replaceAll(`$${name}`, values[name] ?? ".*"),
      text.replaceAll("$__rate_interval", values["rateInterval"] ?? "1m"),
    );
  const queries = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, instant }) => ({ panel: title, expression: filled(expr), isInstant: instant === true })),
  );
  return { uid, panels, queries };
}
