import type { Bus } from "@monotreme/bus";
import {
  ALERTMANAGERS_SUBJECT,
  type AlertmanagersAnswer,
  type DescribedRule,
  type DescribedRuleGroup,
  RULE_ENTRIES_PER_PART,
  type RuleAlert,
  RULES_SUBJECT,
  type RulesPart,
  type RulesQuestion,
} from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { z } from "zod";
import type { RuleGroup } from "../evaluation/rule-group.ts";
import type { Notifier } from "../sending/notifier.ts";
import { describeGroup } from "./describe-group.ts";

export interface QuestionOptions {
  readonly bus: Bus;
  readonly replica: string;
  readonly groups: () => readonly RuleGroup[];
  readonly notifier: Pick<Notifier, "activeUrls" | "droppedUrls">;
  readonly logger: Logger;
}

const names = z.array(z.string()).exactOptional();

const rulesQuestion = z.object({
  tenant: z.string(),
  type: z.enum(["alerting", "recording"]).exactOptional(),
  ruleNames: names,
  groupNames: names,
  files: names,
  excludeAlerts: z.boolean().exactOptional(),
});

/** Answers the questions of other roles over NATS until it is closed. */
export function answerQuestions(options: QuestionOptions): { close(): Promise<void> } {
  const { bus, logger, replica, groups, notifier } = options;
  const answers: readonly (readonly [string, (data: Uint8Array) => readonly object[]])[] = [
    [RULES_SUBJECT, (data) => rulesParts(replica, groups(), readQuestion(data))],
    [
      ALERTMANAGERS_SUBJECT,
      () => {
        const answer: AlertmanagersAnswer = { replica, active: notifier.activeUrls, dropped: notifier.droppedUrls };
        return [answer];
      },
    ],
  ];
  const subscriptions = answers.map(([subject, answer]) =>
    bus.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return;
        try {
          for (const part of answer(message.data)) message.respond(JSON.stringify(part));
        } catch (fault) {
          logger.warn({ subject, reason: messageOf(fault) }, "question not answered");
        }
      },
    }),
  );
  return { close: async () => subscriptions.forEach((subscription) => subscription.unsubscribe()) };
}

function readQuestion(data: Uint8Array): RulesQuestion {
  return rulesQuestion.parse(JSON.parse(Buffer.from(data).toString()));
}

/** The answer in parts that fit into messages; long groups and rules with many alerts are split. */
export function rulesParts(replica: string, groups: readonly RuleGroup[], question: RulesQuestion): RulesPart[] {
  const writer = new PartWriter();
  const warnings: string[] = [];
  for (const group of groups) {
    const described = describeGroup(group, question);
    if (described === undefined) continue;
    if (group.warning !== undefined) warnings.push(group.warning);
    for (const rule of described.rules) writer.add(described, rule);
  }
  const { parts } = writer;
  return parts.map((part, index) => {
    const isLast = index === parts.length - 1;
    return { replica, isLast, groups: part, warnings: isLast ? warnings : [] };
  });
}

/** Lays rules out over parts of about {@link RULE_ENTRIES_PER_PART} rules and alerts. */
class PartWriter {
  readonly parts: DescribedRuleGroup[][] = [[]];
  #entries = 0;

  add(group: DescribedRuleGroup, rule: DescribedRule): void {
    const pieces = rule.type === "alerting" ? piecesOf(rule.alerts) : [[]];
    for (const [index, alerts] of pieces.entries()) {
      const piece = rule.type === "alerting" ? { ...rule, alerts } : rule;
      this.#put(group, piece, 1 + alerts.length, index > 0);
    }
  }

  #put(group: DescribedRuleGroup, rule: DescribedRule, weight: number, continuesRule: boolean): void {
    if (this.#entries > 0 && this.#entries + weight > RULE_ENTRIES_PER_PART) {
      this.parts.push([]);
      this.#entries = 0;
    }
    this.#entries += weight;
    const part = this.parts.at(-1) ?? [];
    const last = part.at(-1);
    if (last !== undefined && !continuesRule && last.name === group.name && last.file === group.file) {
      part[part.length - 1] = { ...last, rules: [...last.rules, rule] };
    } else part.push({ ...group, rules: [rule], ...(continuesRule && { continuesRule }) });
  }
}

function piecesOf(alerts: readonly RuleAlert[]): readonly (readonly RuleAlert[])[] {
  const pieces: (readonly RuleAlert[])[] = [alerts.slice(0, RULE_ENTRIES_PER_PART - 1)];
  for (let from = RULE_ENTRIES_PER_PART - 1; from < alerts.length; from += RULE_ENTRIES_PER_PART - 1) {
    pieces.push(alerts.slice(from, from + RULE_ENTRIES_PER_PART - 1));
  }
  return pieces;
}
