import {
  type GoMap,
  type GoSlice,
  type GoStruct,
  GoTime,
  goFunction,
  goMap,
  goSlice,
  goStruct,
  STRING,
  STRINGS,
} from "@monotreme/go-template";
import type { NotificationAlert, NotificationData } from "../notification.ts";
import { sortedPairs } from "./plain-text.ts";

const known = new WeakMap<NotificationData, GoStruct>();

/** The dot of notification templates: fields and methods as upstream names them. The same data gives the same value. */
export function templateData(data: NotificationData): GoStruct {
  const made = known.get(data) ?? dataStruct(data);
  known.set(data, made);
  return made;
}

function dataStruct(data: NotificationData): GoStruct {
  const fields = {
    Receiver: data.receiver,
    Status: data.status,
    Alerts: () => alertsSlice(data.alerts),
    NotificationReason: data.notificationReason,
    GroupLabels: labelMap(data.groupLabels),
    CommonLabels: labelMap(data.commonLabels),
    CommonAnnotations: labelMap(data.commonAnnotations),
    RouteLabels: labelMap(data.routeLabels),
    ExternalURL: data.externalUrl,
  };
  return goStruct(fields, {}, { typeName: "*template.Data", jsonNames: DATA_JSON_NAMES });
}

const DATA_JSON_NAMES = {
  Receiver: "receiver",
  Status: "status",
  Alerts: "alerts",
  NotificationReason: "notification_reason",
  GroupLabels: "groupLabels",
  CommonLabels: "commonLabels",
  CommonAnnotations: "commonAnnotations",
  RouteLabels: "routeLabels",
  ExternalURL: "externalURL",
};

const ALERT_JSON_NAMES = {
  Status: "status",
  Labels: "labels",
  Annotations: "annotations",
  StartsAt: "startsAt",
  EndsAt: "endsAt",
  GeneratorURL: "generatorURL",
  Fingerprint: "fingerprint",
};

function alertsSlice(alerts: readonly NotificationAlert[]): GoSlice {
  const structs = alerts.map((alert) => ({ isFiring: alert.endsAt === null, value: alertStruct(alert) }));
  const only = (isFiring: boolean): GoSlice =>
    goSlice(
      structs.filter((alert) => alert.isFiring === isFiring).map(({ value }) => value),
      { typeName: "[]template.Alert" },
    );
  return goSlice(
    structs.map(({ value }) => value),
    {
      typeName: "template.Alerts",
      underlying: "[]template.Alert",
      methods: { Firing: goFunction([], () => only(true)), Resolved: goFunction([], () => only(false)) },
    },
  );
}

function alertStruct(alert: NotificationAlert): GoStruct {
  const fields = {
    Status: alert.endsAt === null ? "firing" : "resolved",
    Labels: () => labelMap(alert.labels),
    Annotations: () => labelMap(alert.annotations),
    StartsAt: () => goTime(alert.startsAt),
    EndsAt: () => (alert.endsAt === null ? GoTime.zero() : goTime(alert.endsAt)),
    GeneratorURL: alert.generatorUrl,
    Fingerprint: alert.fingerprint,
  };
  return goStruct(fields, {}, { typeName: "template.Alert", jsonNames: ALERT_JSON_NAMES });
}

/** Upstream's `KV`. */
function labelMap(entries: Readonly<Record<string, string>>): GoMap {
  const pairs = (): [string, string][] => sortedPairs(entries);
  return goMap(new Map(Object.entries(entries)), {
    typeName: "template.KV",
    underlying: "map[string]string",
    zero: "",
    toText: () => pairsText(pairs()),
    methods: {
      SortedPairs: goFunction([], () => pairsSlice(pairs())),
      Remove: goFunction([STRINGS], (names) => labelMap(without(entries, names))),
      Names: goFunction([], () =>
        textSlice(
          pairs().map(([name]) => name),
          "template.Names",
        ),
      ),
      Values: goFunction([], () =>
        textSlice(
          pairs().map(([, value]) => value),
          "template.Values",
        ),
      ),
      String: goFunction([], () => pairsText(pairs())),
    },
  });
}

function pairsSlice(pairs: readonly [string, string][]): GoSlice {
  const structs = pairs.map(([name, value]) =>
    goStruct({ Name: name, Value: value }, {}, { typeName: "template.Pair" }),
  );
  return goSlice(structs, {
    typeName: "template.Pairs",
    underlying: "[]template.Pair",
    toText: () => pairsText(pairs),
    methods: {
      Names: goFunction([], () =>
        textSlice(
          pairs.map(([name]) => name),
          "template.Names",
        ),
      ),
      Values: goFunction([], () =>
        textSlice(
          pairs.map(([, value]) => value),
          "template.Values",
        ),
      ),
      String: goFunction([], () => pairsText(pairs)),
    },
  });
}

function textSlice(texts: readonly string[], typeName: string): GoSlice {
  return goSlice(texts, {
    typeName,
    underlying: "[]string",
    methods: { Join: goFunction([STRING], (separator) => texts.join(separator)) },
  });
}

function pairsText(pairs: readonly [string, string][]): string {
  return pairs.map(([name, value]) => `${name}=${value}`).join(", ");
}

function without(entries: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  const removed = new Set(names);
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !removed.has(name)));
}

/** An RFC 3339 time to the nanosecond, shown in UTC; Go's zero time where it is unreadable. */
function goTime(rfc3339: string): GoTime {
  const seconds = Math.floor(Date.parse(rfc3339) / 1000);
  if (Number.isNaN(seconds)) return GoTime.zero();
  const digits = /[.,](\d+)/.exec(rfc3339)?.[1] ?? "";
  return new GoTime(BigInt(seconds) * 1_000_000_000n + BigInt(digits.slice(0, 9).padEnd(9, "0")));
}
