/** An entry of a message's action buttons, as it was published. */
export type NtfyAction = Readonly<Record<string, unknown>>;

/** What ntfy answers a publisher with and shows its subscribers; field names as in its JSON. */
export interface NtfyMessage {
  readonly id: string;
  /** Seconds. */
  readonly time: number;
  readonly event: "message" | "message_clear" | "message_delete";
  readonly topic: string;
  /** Missing on an old server. */
  readonly sequence_id?: string;
  readonly title?: string;
  readonly message?: string;
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly click?: string;
  readonly icon?: string;
  readonly actions?: readonly NtfyAction[];
  readonly content_type?: string;
  /** Set where the text was too long, or where the publisher attached a file. */
  readonly attachment?: { readonly name: string; readonly url: string };
}

/** A refusal in ntfy's form. */
export class NtfyRefusal extends Error {
  readonly code: number;
  readonly status: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
    this.status = Math.floor(code / 100);
  }

  toJson(): string {
    const link = "https://ntfy.sh/docs/publish/";
    return `${JSON.stringify({ code: this.code, http: this.status, error: this.message, link })}\n`;
  }
}

const TOPIC = /^[-_A-Za-z0-9]{1,64}$/;
const RESERVED_TOPICS = ["docs", "static", "file", "app", "metrics", "account", "settings", "signup", "login", "v1"];
const PRIORITIES = ["", "min", "low", "default", "high", "max"];
const MAX_ACTIONS = 3;

/** What a publisher sent, checked as ntfy checks it; throws `NtfyRefusal`. */
export interface PublishedFields {
  readonly topic: string;
  readonly sequenceId: string | undefined;
  readonly fields: Partial<NtfyMessage>;
}

/** Reads the JSON form (`POST /`). */
export function readJsonMessage(body: string): PublishedFields {
  const json = parseObject(body);
  const topic = checkTopic(text(json, "topic") ?? "");
  const priority = json["priority"];
  if (priority !== undefined && !(Number.isInteger(priority) && Number(priority) >= 0 && Number(priority) <= 5)) {
    throw new NtfyRefusal(40007, "invalid request: priority invalid");
  }
  const attach = text(json, "attach");
  const tags = json["tags"];
  const fields: Partial<NtfyMessage> = {
    message: text(json, "message") ?? "",
    ...present("title", text(json, "title")),
    ...present("click", text(json, "click")),
    ...present("icon", text(json, "icon")),
    ...present("content_type", json["markdown"] === true ? "text/markdown" : undefined),
    ...present("priority", priority === undefined || priority === 0 ? undefined : Number(priority)),
    ...present("tags", Array.isArray(tags) ? tags.map(String) : undefined),
    ...present("actions", readActions(json["actions"])),
    ...present("attachment", attach === undefined ? undefined : { name: attach.split("/").at(-1) ?? "", url: attach }),
  };
  return { topic, sequenceId: checkSequenceId(text(json, "sequence_id")), fields };
}

/** Reads the form with the text as body and the rest in headers (`POST /<topic>`). */
export function readHeaderMessage(
  topic: string,
  sequenceId: string | undefined,
  header: (name: string) => string | undefined,
  body: string,
): PublishedFields {
  const priority = header("x-priority") ?? header("priority");
  const tags = header("x-tags") ?? header("tags");
  const fields: Partial<NtfyMessage> = {
    message: body,
    ...present("title", header("x-title") ?? header("title")),
    ...present("click", header("x-click") ?? header("click")),
    ...present("priority", priority === undefined ? undefined : readPriority(priority)),
    ...present(
      "tags",
      tags?.split(",").map((tag) => tag.trim()),
    ),
  };
  return { topic: checkTopic(topic), sequenceId: checkSequenceId(sequenceId ?? header("x-sequence-id")), fields };
}

function readPriority(value: string): number {
  const priority = Number.isInteger(Number(value)) ? Number(value) : PRIORITIES.indexOf(value);
  if (priority < 1 || priority > 5) throw new NtfyRefusal(40007, "invalid request: priority invalid");
  return priority;
}

function readActions(value: unknown): NtfyAction[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > MAX_ACTIONS || !value.every(isObject)) {
    throw new NtfyRefusal(40018, "invalid request: actions invalid");
  }
  for (const action of value) {
    if (
      !["view", "http", "broadcast", "copy"].includes(String(action["action"])) ||
      text(action, "label") === undefined
    ) {
      throw new NtfyRefusal(40018, "invalid request: actions invalid");
    }
  }
  return value;
}

export function checkTopic(topic: string): string {
  if (!TOPIC.test(topic)) throw new NtfyRefusal(40009, "invalid request: topic invalid");
  if (RESERVED_TOPICS.includes(topic)) throw new NtfyRefusal(40010, "invalid request: topic name is not allowed");
  return topic;
}

export function checkSequenceId(id: string | undefined): string | undefined {
  if (id !== undefined && !TOPIC.test(id)) throw new NtfyRefusal(40049, "invalid request: sequence ID invalid");
  return id;
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(body);
    if (isObject(json)) return json;
  } catch {
    // Refused below.
  }
  throw new NtfyRefusal(40017, "invalid request: request body must be message JSON");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(json: Record<string, unknown>, name: string): string | undefined {
  const value = json[name];
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string") return value;
  throw new NtfyRefusal(40017, "invalid request: request body must be message JSON");
}

function present<K extends string, V>(name: K, value: V | undefined): { [P in K]?: V } {
  const fields: { [P in K]?: V } = {};
  if (value !== undefined) fields[name] = value;
  return fields;
}
