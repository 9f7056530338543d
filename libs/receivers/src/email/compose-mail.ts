import { hostname } from "node:os";
import type { EmailConfig } from "@monotreme/alertmanager-config";
import MailComposer from "nodemailer/lib/mail-composer";
import type { Notification } from "../notification.ts";
import { escapeHtml } from "../templates/escape-html.ts";
import type { MessageExpander } from "../templates/message-expander.ts";
import { mailAddresses, senderAddress } from "./mail-addresses.ts";

const DEFAULT_SUBJECT = '{{ template "email.default.subject" . }}';

/** A mail as it goes over the wire. */
export interface Mail {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly content: Buffer;
}

/** Writes the mail: the configured headers, and text and HTML as alternatives. */
export async function composeMail(
  notification: Notification,
  config: EmailConfig,
  expander: MessageExpander,
  nowMs: number,
): Promise<Mail> {
  const sender = senderAddress(expander.required("from", config.from));
  const recipients = mailAddresses("to", expander.required("to", config.to));
  const headers = expandHeaders(config, expander);
  const text = config.text === "" ? "" : expander.text("text", config.text);
  const html = config.html === "" ? "" : expander.html("html", config.html);
  const problems = expander.withProblems("");
  const composer = new MailComposer({
    ...headers.standard,
    ...threadOf(notification, config, nowMs),
    messageId: headers.standard.messageId ?? messageIdOf(notification),
    date: new Date(nowMs),
    headers: [...headers.others],
    ...(text === "" && html !== "" ? {} : { text: [text, problems].filter((part) => part !== "").join("\n") }),
    ...(html === "" ? {} : { html: problems === "" ? html : `<pre>${escapeHtml(problems)}</pre>${html}` }),
    // No template may name a file or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return { sender, recipients, content: await composer.compile().build() };
}

interface ExpandedHeaders {
  readonly standard: { from: string; to: string; subject: string; messageId?: string };
  readonly others: readonly { key: string; value: string }[];
}

function expandHeaders(config: EmailConfig, expander: MessageExpander): ExpandedHeaders {
  const { From: from, To: to, Subject: subject, "Message-Id": messageId, ...others } = config.headers;
  const line = (name: string, template: string): string => oneLine(expander.line(`headers.${name}`, template));
  return {
    standard: {
      from: line("From", from ?? config.from),
      to: line("To", to ?? config.to),
      subject: line("Subject", subject ?? DEFAULT_SUBJECT),
      ...(messageId === undefined ? {} : { messageId: oneLine(expander.value("headers.Message-Id", messageId)) }),
    },
    others: Object.entries(others).map(([key, template]) => ({
      key,
      value: oneLine(expander.value(`headers.${key}`, template)),
    })),
  };
}

/** A line end in a label must not begin a header of its own. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ").trim();
}

/** The same for every try of a notification, so that a mail which was taken but not confirmed is not shown twice. */
function messageIdOf(notification: Notification): string {
  return `<${notification.groupKeyHash.slice(0, 32)}.${notification.flushMs}@${hostname()}>`;
}

/** Mails of a group answer one that does not exist; mail programs show them as one thread. */
function threadOf(
  notification: Notification,
  config: EmailConfig,
  nowMs: number,
): { references?: string; inReplyTo?: string } {
  if (!config.threading.isEnabled) return {};
  const day = config.threading.threadByDate === "none" ? "" : new Date(nowMs).toISOString().slice(0, 10);
  const root = `<alert-${notification.groupKeyHash.slice(0, 16)}-${day}@alertmanager>`;
  return { references: root, inReplyTo: root };
}
