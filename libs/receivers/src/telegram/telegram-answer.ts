import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";

/** What the Bot API says about a request. */
export interface TelegramAnswer {
  readonly isOk: boolean;
  readonly description: string;
  readonly retryAfterSeconds: number | undefined;
}

/** Reads an answer of the Bot API; one that is no JSON is no success. */
export function readTelegramAnswer(text: string): TelegramAnswer {
  const answer = parseJsonObject(text);
  const parameters = answer?.["parameters"];
  const retryAfter =
    typeof parameters === "object" && parameters !== null && "retry_after" in parameters
      ? Number(parameters.retry_after)
      : Number.NaN;
  return {
    isOk: answer?.["ok"] === true,
    description: answer === undefined ? text : textMember(answer, "description"),
    retryAfterSeconds: retryAfter >= 0 ? retryAfter : undefined,
  };
}
