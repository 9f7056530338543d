import { z } from "zod";
import { API_LEVEL } from "../version-info.ts";
import { acknowledgementSchema } from "../v2/acknowledge.ts";
import { postableAlertsSchema } from "../v2/alert-json.ts";
import { postableSilenceSchema } from "../v2/silence-json.ts";
import { GETTABLE_DEFINITIONS } from "./gettable-definitions.ts";

type Json = Readonly<Record<string, unknown>>;

const BODY_DEFINITIONS: Readonly<Record<string, z.ZodType>> = {
  acknowledgement: acknowledgementSchema,
  postableAlerts: postableAlertsSchema,
  postableSilence: postableSilenceSchema,
};

const text = (name: string, description: string): Json => ({ name, in: "query", type: "string", description });
const flag = (name: string, description: string): Json => ({
  name,
  in: "query",
  type: "boolean",
  default: true,
  description,
});
const texts = (name: string, description: string): Json => ({
  name,
  in: "query",
  type: "array",
  collectionFormat: "multi",
  items: { type: "string" },
  description,
});
const body = (name: string, definition: string): Json => ({
  name,
  in: "body",
  required: true,
  schema: { $ref: `#/definitions/${definition}` },
});
const inPath = (name: string, format?: string): Json => ({
  name,
  in: "path",
  required: true,
  type: "string",
  ...(format === undefined ? {} : { format }),
});
const answer = (schema: Json | undefined, ...faults: readonly number[]): Json => ({
  200: { description: "Done.", ...(schema === undefined ? {} : { schema }) },
  ...Object.fromEntries(faults.map((code) => [code, { description: "Refused.", schema: { type: "string" } }])),
});
const ref = (definition: string): Json => ({ $ref: `#/definitions/${definition}` });
const listOf = (definition: string): Json => ({ type: "array", items: ref(definition) });

const FILTER = texts("filter", "Matchers, one a value; all must hold.");
const RECEIVER = text("receiver", "A regular expression for the name of a receiver, anchored.");
const RECEIVER_MATCHERS = texts("receiver_matchers", "Matchers for the labels of a receiver.");
const ACTIVE = flag("active", "Show active ones.");
const ALERT_STATES = [ACTIVE, flag("silenced", "Show silenced alerts."), flag("inhibited", "Show inhibited alerts.")];
const HISTORY = [
  text("start", "From this time on."),
  text("end", "Up to this time."),
  text("fingerprint", "Only what concerns this alert."),
  text("limit", "How many at most, 100 unless given."),
];

const PATHS: Json = {
  "/status": { get: operation("status", "The process, its cluster and its configuration.", [], answer(ref("status"))) },
  "/receivers": {
    get: operation("receivers", "All receivers.", [RECEIVER_MATCHERS], answer(listOf("receiver"), 400)),
  },
  "/silences": {
    get: operation(
      "silences",
      "Silences: active by end, pending by start, expired latest first.",
      [
        texts("filter", "Matchers that a silence has, word for word."),
        ACTIVE,
        flag("pending", "Show pending ones."),
        flag("expired", "Show expired ones."),
      ],
      answer(listOf("gettableSilence"), 400),
    ),
    post: operation(
      "silences",
      "Create or change a silence.",
      [body("silence", "postableSilence")],
      answer(ref("silenceId"), 400, 404),
    ),
  },
  "/silence/{silenceID}": {
    get: operation("silence", "One silence.", [inPath("silenceID", "uuid")], answer(ref("gettableSilence"), 404)),
    delete: operation("silence", "End a silence now.", [inPath("silenceID", "uuid")], answer(undefined, 404)),
  },
  "/alerts": {
    get: operation(
      "alerts",
      "Alerts that have not ended, by fingerprint.",
      [FILTER, RECEIVER, RECEIVER_MATCHERS, ...ALERT_STATES, flag("unprocessed", "Has no effect.")],
      answer(listOf("gettableAlert"), 400),
    ),
    post: operation("alerts", "Take alerts in.", [body("alerts", "postableAlerts")], answer(undefined, 400)),
  },
  "/alerts/groups": {
    get: operation(
      "alerts",
      "Alerts by group and receiver.",
      [FILTER, RECEIVER, RECEIVER_MATCHERS, ...ALERT_STATES, flag("muted", "Show groups that a time interval mutes.")],
      answer(listOf("alertGroup"), 400),
    ),
  },
  "/alerts/acknowledge": {
    post: operation(
      "alerts",
      "Silence alerts until they are resolved.",
      [body("acknowledgement", "acknowledgement")],
      answer({ type: "object", properties: { silenceIDs: { type: "array", items: { type: "string" } } } }, 400),
    ),
  },
  "/silence-token/{token}": {
    post: operation(
      "silence",
      "What a silence button of a notification calls, once.",
      [inPath("token")],
      answer(ref("silenceId"), 404),
    ),
  },
  "/history/alerts": {
    get: operation(
      "history",
      "Alerts that began and ended, newest first.",
      HISTORY,
      answer(listOf("alertRecord"), 400),
    ),
  },
  "/history/notifications": {
    get: operation(
      "history",
      "Notifications that were sent or given up, newest first.",
      [...HISTORY, text("receiver", "Only those to this receiver.")],
      answer(listOf("notificationRecord"), 400),
    ),
  },
  "/notifications/failed": {
    get: operation(
      "notifications",
      "Notifications that were given up and can be tried again.",
      [text("limit", "How many at most.")],
      answer(listOf("failedNotification"), 400),
    ),
  },
  "/notifications/failed/{id}/retry": {
    post: operation("notifications", "Try a notification again.", [inPath("id")], answer(undefined, 404)),
  },
};

function operation(tag: string, description: string, parameters: readonly Json[], responses: Json): Json {
  return { tags: [tag], description, parameters, responses };
}

/** The API as an OpenAPI 2.0 document; bodies are described by the schemas that check them. */
export function swaggerDocument(basePath: string): Json {
  const bodies = Object.entries(BODY_DEFINITIONS).map(([name, schema]) => {
    const { $schema: _dialect, ...definition } = z.toJSONSchema(schema, { target: "draft-4", io: "input" });
    return [name, definition] as const;
  });
  return {
    swagger: "2.0",
    info: {
      title: "Alertmanager API",
      version: API_LEVEL,
      description: "The API of Alertmanager, served by Monotreme.",
    },
    consumes: ["application/json"],
    produces: ["application/json"],
    basePath,
    paths: PATHS,
    definitions: { ...GETTABLE_DEFINITIONS, ...Object.fromEntries(bodies) },
  };
}
