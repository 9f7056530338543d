import { messageOf } from "@monotreme/errors";
import { TemplateExecuteError, TemplateFunctionError, TemplateParseError } from "../template-error.ts";
import { type TemplateFunctions, TemplateSet } from "../template-set.ts";
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

/** What the functions of the template that runs at the moment see. */
interface CurrentRun {
  readonly nowMs: number;
  readonly answers: ReadonlyMap<string, QueryAnswer>;
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

/** Parsed templates kept at most; the oldest go first. */
const MAX_KEPT = 10_000;

/**
 * Expands the templates of rules and keeps them parsed, because the same ones come with every evaluation. Templates run
 * synchronously: one that queries is run again with each result, so all its functions are free of side effects.
 */
export class RuleTemplates {
  readonly #externalUrl: string;
  readonly #functions: TemplateFunctions;
  readonly #sets = new Map<string, TemplateSet>();
  #current: CurrentRun = { nowMs: 0, answers: new Map() };

  constructor(externalUrl: string) {
    this.#externalUrl = externalUrl;
    const nowMs = (): number => this.#current.nowMs;
    this.#functions = createRuleFunctions({
      get nowMs() {
        return nowMs();
      },
      externalUrl,
      query: (expression) => this.#answerTo(expression),
    });
  }

  /**
   * The text that a template gives with `$labels`, `$value`, `$externalLabels` and `$externalURL`. A failure becomes
   * the text `<error expanding template: …>` and never rejects; `onFailure` hears it.
   */
  async expand(
    input: Omit<RuleTemplateInput, "externalUrl">,
    onFailure: (error: unknown) => void = () => {},
  ): Promise<string> {
    if (!input.text.includes("{{")) return input.text;
    try {
      return await this.#expand(input);
    } catch (error) {
      onFailure(error);
      return `<error expanding template: ${messageOf(error)}>`;
    }
  }

  /** Throws TemplateParseError, with Go's message, where the text is no template. */
  check(name: string, text: string): void {
    this.#parsed(name, text);
  }

  async #expand(input: Omit<RuleTemplateInput, "externalUrl">): Promise<string> {
    let set: TemplateSet;
    try {
      set = this.#parsed(input.name, input.text);
    } catch (error) {
      throw new TemplateParseError(`error parsing template ${input.name}: ${messageOf(error)}`);
    }
    const answers = new Map<string, QueryAnswer>();
    const data = templateData({ ...input, externalUrl: this.#externalUrl });
    for (;;) {
      try {
        this.#current = { nowMs: input.nowMs, answers };
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

  #parsed(name: string, text: string): TemplateSet {
    const key = JSON.stringify([name, text]);
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const set = new TemplateSet({ functions: this.#functions, missingKey: "zero" });
    set.parse(name, DEFINITIONS + text);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size >= MAX_KEPT && oldest !== undefined) this.#sets.delete(oldest);
    this.#sets.set(key, set);
    return set;
  }

  #answerTo(expression: string): readonly QuerySample[] {
    const answer = this.#current.answers.get(expression);
    if (answer === undefined) throw new QueryPending(expression);
    if ("fault" in answer) throw new TemplateFunctionError(answer.fault);
    return answer.samples;
  }
}

/** Expands one template by itself, as {@link RuleTemplates} does. */
export async function expandRuleTemplate(
  input: RuleTemplateInput,
  onFailure: (error: unknown) => void = () => {},
): Promise<string> {
  return new RuleTemplates(input.externalUrl).expand(input, onFailure);
}

/** Reads the template of a rule and throws TemplateParseError, with Go's message, where it is no template. */
export function checkRuleTemplate(name: string, text: string): void {
  new RuleTemplates("").check(name, text);
}
