import { askReplicas, type Bus } from "@monotreme/bus";
import {
  ALERTMANAGERS_SUBJECT,
  type DescribedRuleGroup,
  RULES_SUBJECT,
  type RulesQuestion,
} from "@monotreme/contracts";
import { decodeAlertmanagers, decodeRulesPart } from "./decode-rule-parts.ts";
import { joinGroups } from "./join-groups.ts";

export interface RulesAnswer {
  readonly groups: readonly DescribedRuleGroup[];
  /** What is missing from the answer, and what the rulers say of it. */
  readonly warnings: readonly string[];
}

export interface AlertmanagersFound {
  readonly active: readonly string[];
  readonly dropped: readonly string[];
  readonly warnings: readonly string[];
}

/** What the rulers know of rules, alerts and the Alertmanagers that they send to. */
export interface RuleDirectory {
  rules(question: RulesQuestion): Promise<RulesAnswer>;
  alertmanagers(): Promise<AlertmanagersFound>;
}

const ASK = { maxWaitMs: 2000, quietMs: 100, maxBytes: 128 * 2 ** 20 } as const;

const NO_RULER = "no ruler answered";
const TOO_MANY = "the rulers have more to tell than fits one answer";

/** Asks all rulers over NATS and joins what they say. */
export function createRuleDirectory(bus: Bus): RuleDirectory {
  return {
    async rules(question) {
      const { messages, isTruncated } = await askReplicas(bus, RULES_SUBJECT, JSON.stringify(question), ASK);
      const parts = messages.map(decodeRulesPart);
      const complete = new Set(parts.filter(({ isLast }) => isLast).map(({ replica }) => replica));
      const incomplete = new Set(parts.map(({ replica }) => replica).filter((replica) => !complete.has(replica)));
      return {
        groups: joinGroups(parts),
        warnings: [
          ...(parts.length === 0 ? [NO_RULER] : []),
          ...parts.flatMap((part) => part.warnings),
          ...Array.from(incomplete, (replica) => `the answer of ruler ${replica} is incomplete`),
          ...(isTruncated ? [TOO_MANY] : []),
        ],
      };
    },

    async alertmanagers() {
      const { messages } = await askReplicas(bus, ALERTMANAGERS_SUBJECT, "", ASK);
      const answers = messages.map(decodeAlertmanagers);
      return {
        active: [...new Set(answers.flatMap(({ active }) => active))].sort(),
        dropped: [...new Set(answers.flatMap(({ dropped }) => dropped))].sort(),
        warnings: answers.length === 0 ? [NO_RULER] : [],
      };
    },
  };
}
