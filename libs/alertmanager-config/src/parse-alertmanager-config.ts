import {
  ConfigDocument,
  ConfigFileError,
  type ConfigText,
  deepFreeze,
  httpClientFromSection,
  type Located,
} from "@monotreme/prometheus-config";
import { stringify } from "yaml";
import type { AlertmanagerConfig } from "./alertmanager-config.ts";
import { checkRoutes, warnOfIntervals } from "./check-routes.ts";
import { createMatcherParser, type MatcherMode, type MatcherParser } from "./matchers/matcher-parser.ts";
import { joinNtfy } from "./ntfy/join-ntfy.ts";
import { ntfyFileSection } from "./ntfy/ntfy-section.ts";
import { completeReceiver, receiverFrom, type ReceiverSection } from "./receivers/receiver-section.ts";
import { createRoute } from "./routing/create-route.ts";
import { type FileSection, fileSection } from "./sections/file-section.ts";
import { DEFAULT_GLOBAL, type GlobalSection } from "./sections/global-section.ts";
import { inhibitRuleFrom } from "./sections/inhibit-section.ts";
import { routeOptionsFrom } from "./sections/route-section.ts";
import type { TimeInterval } from "./time-intervals/time-interval.ts";

/** What reading needs beside the file itself. */
export interface ParseAlertmanagerConfigOptions {
  /** How matchers are read; `fallback` unless given. */
  readonly matcherMode?: MatcherMode;
  /** The ntfy side file. */
  readonly ntfy?: ConfigText;
}

/** Parses `alertmanager.yml`; pure. Throws `ConfigFileError` with every fault of it and of the side file at once. */
export function parseAlertmanagerConfig(
  main: ConfigText,
  options: ParseAlertmanagerConfigOptions = {},
): AlertmanagerConfig {
  const parser = createMatcherParser(options.matcherMode ?? "fallback");
  // Upstream passes over what follows a second `---`.
  const document = new ConfigDocument(main.text, { ...main, firstDocumentOnly: true });
  const ntfyDocument = options.ntfy && new ConfigDocument(options.ntfy.text, options.ntfy);
  const documents = ntfyDocument === undefined ? [document] : [document, ntfyDocument];
  const failIfFaulty = (): void => {
    const faults = documents.flatMap((each) => each.faults);
    if (faults.length > 0) throw new ConfigFileError(faults);
  };

  // A file whose YAML is broken gives no reliable nodes: its syntax faults are all that is said of it.
  const file = document.faultCount === 0 ? fileSection(parser).decode(document.root) : undefined;
  const ntfy = ntfyDocument?.faultCount === 0 ? ntfyFileSection.decode(ntfyDocument.root) : undefined;
  if (file === undefined) {
    failIfFaulty();
    throw new ConfigFileError([`${main.fileName}: cannot be read`]);
  }
  const global = file.global ?? DEFAULT_GLOBAL;
  const receivers = file.receivers.map(({ value, node }) => ({ value: completeReceiver(value, global), node }));
  checkUniqueReceivers(receivers);
  const timeIntervals = collectTimeIntervals(file);
  const joined = joinNtfy(receivers, ntfy, ntfyDocument?.root);
  const { route } = file;
  if (route === undefined) document.root.fault("no route provided in config");
  else {
    const names = new Set(receivers.map(({ value }) => value.name));
    checkRoutes(route, { receivers: names, timeIntervals: new Set(timeIntervals.keys()) });
  }
  failIfFaulty();
  if (route === undefined) throw new ConfigFileError([`${main.fileName}: no route provided in config`]);
  const tree = createRoute(routeOptionsFrom(route.value));
  warnOfIntervals(tree, route);
  return deepFreeze({
    global: { resolveTimeoutMs: global.resolveTimeoutMs, httpConfig: httpClientFromSection(global.httpConfig) },
    route: tree,
    receivers: receivers.map(({ value }, at) => ({ ...receiverFrom(value), ...joined[at] })),
    inhibitRules: file.inhibitRules.map(inhibitRuleFrom),
    timeIntervals,
    templates: file.templates,
    warnings: documents.flatMap((each) => each.warnings),
    renderConfig: () => render(parser, { ...file, global, receivers }),
  });
}

function checkUniqueReceivers(receivers: readonly Located<ReceiverSection>[]): void {
  const names = new Set<string>();
  for (const { value, node } of receivers) {
    if (names.has(value.name)) node.fault(`notification config name ${JSON.stringify(value.name)} is not unique`);
    names.add(value.name);
  }
}

/** Both sections share one set of names. */
function collectTimeIntervals(file: FileSection): ReadonlyMap<string, TimeInterval> {
  const intervals = new Map<string, TimeInterval>();
  const add = (found: readonly Located<TimeInterval>[], kind: string): void => {
    for (const { value, node } of found) {
      if (intervals.has(value.name)) node.fault(`${kind} ${JSON.stringify(value.name)} is not unique`);
      intervals.set(value.name, value);
    }
  };
  add(file.muteTimeIntervals, "mute time interval");
  add(file.timeIntervals, "time interval");
  return intervals;
}

type CompleteFile = FileSection & { readonly global: GlobalSection };

/** YAML 1.1, because upstream's tools read it so: a text that looks like a number or a truth value gets quotes. */
function render(parser: MatcherParser, file: CompleteFile): string {
  return stringify(fileSection(parser).render(file, "masked"), { lineWidth: 0, indentSeq: false, version: "1.1" });
}
