import type { SnsConfig } from "@monotreme/alertmanager-config";

import type { MessageExpander } from "../templates/message-expander.ts";
import { truncateBytes, truncateRunes } from "../truncate-text.ts";

/** SNS' bounds: of a text message to a phone in characters, of all others in bytes, of a subject in characters. */
const MAX_SMS_RUNES = 1_600;
const MAX_MESSAGE_BYTES = 256 * 1024;
const MAX_SUBJECT_RUNES = 100;

/** The form of one `Publish`; a message that was cut has the attribute `truncated`. */
export function publishFields(
  config: SnsConfig,
  groupKeyHash: string,
  expander: MessageExpander,
): (readonly [string, string])[] {
  const topicArn = expander.required("topic_arn", config.topicArn);
  const phoneNumber = expander.required("phone_number", config.phoneNumber);
  const targetArn = expander.required("target_arn", config.targetArn);
  const attributes = new Map(
    Object.entries(config.attributes).map(([name, text]) => [name, expander.value(`attributes.${name}`, text)]),
  );
  const subject = truncateRunes(expander.line("subject", config.subject), MAX_SUBJECT_RUNES);
  const whole = expander.withProblems(expander.text("message", config.message));
  const message = phoneNumber === "" ? truncateBytes(whole, MAX_MESSAGE_BYTES) : truncateRunes(whole, MAX_SMS_RUNES);
  if (message !== whole) attributes.set("truncated", "true");
  const isFifo = topicArn.endsWith(".fifo");
  return [
    ["Action", "Publish"],
    ["Version", "2010-03-31"],
    ...given("TopicArn", topicArn),
    ...given("PhoneNumber", phoneNumber),
    ...given("TargetArn", targetArn),
    ["Message", message],
    ...given("Subject", subject),
    ...given("MessageGroupId", isFifo ? groupKeyHash : ""),
    ...given("MessageDeduplicationId", isFifo ? groupKeyHash : ""),
    ...attributeFields(attributes),
  ];
}

function given(name: string, value: string): (readonly [string, string])[] {
  return value === "" ? [] : [[name, value]];
}

/** Sorted by name; SNS refuses attributes without a value. */
function attributeFields(attributes: ReadonlyMap<string, string>): (readonly [string, string])[] {
  const filled = [...attributes].filter(([, value]) => value !== "").toSorted(([a], [b]) => (a < b ? -1 : 1));
  return filled.flatMap(([name, value], index): (readonly [string, string])[] => {
    const entry = `MessageAttributes.entry.${index + 1}`;
    return [
      [`${entry}.Name`, name],
      [`${entry}.Value.DataType`, "String"],
      [`${entry}.Value.StringValue`, value],
    ];
  });
}
