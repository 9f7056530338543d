import { DeliveryError } from "../delivery-error.ts";
import { parseJsonObject, textMember } from "../delivery/parse-json-object.ts";
import type { ServiceAnswer } from "../delivery/service-client.ts";
import { truncateRunes } from "../truncate-text.ts";
import type { ShownMessage } from "./slack-message.ts";

const MAX_ERROR_RUNES = 300;

/** What Slack made of a message that it answered with 2xx. */
export type SlackAnswer =
  | { readonly kind: "taken"; readonly message: ShownMessage | undefined }
  | { readonly kind: "refused"; readonly error: string };

/** Reads an answer of the Web API (JSON) or of an incoming webhook (the text `ok`). */
export function readSlackAnswer(answer: ServiceAnswer): SlackAnswer {
  const isJson = answer.headers["content-type"]?.startsWith("application/json") ?? false;
  if (!isJson) {
    if (answer.text === "ok") return { kind: "taken", message: undefined };
    return { kind: "refused", error: truncateRunes(answer.text, MAX_ERROR_RUNES) };
  }
  const body = parseJsonObject(answer.text);
  if (body === undefined) {
    throw new DeliveryError("Slack's answer is no JSON", { isRetryable: true, reason: "other" });
  }
  const { ok, ts, channel } = body;
  if (ok !== true) return { kind: "refused", error: truncateRunes(textMember(body, "error"), MAX_ERROR_RUNES) };
  const isKnown = typeof ts === "string" && ts !== "" && typeof channel === "string" && channel !== "";
  return { kind: "taken", message: isKnown ? { ts, channel } : undefined };
}
