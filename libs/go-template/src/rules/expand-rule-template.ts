import { messageOf } from "@monotreme/errors";
import { TemplateExecuteError, TemplateFunctionError, TemplateParseError } from "../template-error.ts";
import { TemplateSet } from "../template-set.ts";
import { goMap, goStruct } from "../value/go-object.ts";
import type { QuerySample, TemplateQuery } from "./query-sample.ts";
import { createRuleFunctions } from "./rule-functions.ts";

/** What an annotation or label of a rule is expanded with. */
export interface RuleTemplateInput {
  /** `__alert_` and the name of the alert; errors show it. */
  readonly name: string;
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly externalUrl: string;
  /** The value of the alert; the text of a native histogram. */
  readonly value: number | string;
  /** Time of the evaluation in epoch milliseconds. */
  readonly nowMs: number;
  readonly query: TemplateQuery;
}

/** How many different queries one template may make, and how often it is run again to find them. */
const MAX_QUERIES = 100;

const DEFINITIONS =
  "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

/** Thrown within a run when a query's result is not there yet. */
class QueryPending extends Error {
  readonly expression: string;

  constructor(expression: string) {
    super("the result of a query is not there yet");
    this.expression = expression;
  }
}

type QueryAnswer = { readonly samples: readonly QuerySample[] } | { readonly fault: string };

function templateData(input: RuleTemplateInput) {
  const labels = { typeName: "map[string]string", zero: "" };
  return goStruct({
    Labels: goMap(input.labels, labels),
    ExternalLabels: goMap(input.externalLabels, labels),
    ExternalURL: input.externalUrl,
    Value: input.value,
  });
}

function createSet(input: RuleTemplateInput, answers: ReadonlyMap<string, QueryAnswer>): TemplateSet {
  const functions = createRuleFunctions({
    nowMs: input.nowMs,
    externalUrl: input.externalUrl,
    query: (expression) => {
      const answer = answers.get(expression);
      if (answer === undefined) throw new QueryPending(expression);
      if ("fault" in answer) throw new TemplateFunctionError(answer.fault);
      return answer.samples;
    },
  });
  return new TemplateSet({ functions, missingKey: "zero" });
}

function pendingQuery(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof QueryPending) return cause.expression;
  }
  return undefined;
}

async function ask(query: TemplateQuery, expression: string): Promise<QueryAnswer> {
  try {
    return { samples: await query(expression) };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/**
 * Expands the template of a rule's label or annotation. Templates run synchronously: one that queries is run again
 * with each result, so all its functions are free of side effects. Rejects with TemplateParseError or
 * TemplateExecuteError, in whose place `expandRuleTemplate` gives a text.
 */
async function expand(input: RuleTemplateInput): Promise<string> {
  const answers = new Map<string, QueryAnswer>();
  const set = createSet(input, answers);
  try {
    set.parse(input.name, DEFINITIONS + input.text);
  } catch (error) {
    throw new TemplateParseError(`error parsing template ${input.name}: ${messageOf(error)}`);
  }
  const data = templateData(input);
  for (;;) {
    try {
      return set.execute(input.name, data);
    } catch (error) {
      const expression = pendingQuery(error);
      if (expression === undefined || answers.size >= MAX_QUERIES) {
        const reason = expression === undefined ? messageOf(error) : `more than ${MAX_QUERIES} queries`;
        throw new TemplateExecuteError(`error executing template ${input.name}: ${reason}`, { cause: error });
      }
      answers.set(expression, await ask(input.query, expression));
    }
  }
}

/**
 * Expands the template of a rule's label or annotation with `$labels`, `$value`, `$externalLabels` and
 * `$externalURL`. A failure becomes the text `<error expanding template: …>` and never rejects; `onFailure` hears it.
 */
export async function expandRuleTemplate(
  input: RuleTemplateInput,
  onFailure: (error: unknown) => void = () => {},
): Promise<string> {
  if (!input.text.includes("{{")) return input.text;
  try {
    return await expand(input);
  } catch (error) {
    onFailure(error);
    return `<error expanding template: ${messageOf(error)}>`;
  }
}

/** Reads the template of a rule and throws TemplateParseError, with Go's message, where it is no template. */
export function checkRuleTemplate(name: string, text: string): void {
  const nothing = { labels: {}, externalLabels: {}, externalUrl: "", value: 0, nowMs: 0 };
  const set = createSet({ ...nothing, name, text, query: () => Promise.resolve([]) }, new Map());
  set.parse(name, DEFINITIONS + text);
}
