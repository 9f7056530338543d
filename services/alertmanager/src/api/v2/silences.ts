import type { FastifyInstance, FastifyReply, FastifyRequest } from "@monotreme/http";
import { selectSilences } from "../../silences/select-silences.ts";
import { SILENCE_STATES } from "../../silences/silence.ts";
import { SilenceNotFoundError } from "../../silences/silence-errors.ts";
import type { ApiContext } from "../api-context.ts";
import { BadRequestError, SCHEMA_CODES, SchemaError } from "../request/api-errors.ts";
import { readFilter } from "../request/filters.ts";
import { flagOf } from "../request/query-parameters.ts";
import { readBody } from "../request/read-body.ts";
import { postableSilenceSchema, silenceJson, silenceRequestFrom } from "./silence-json.ts";

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** `GET` and `POST /silences`, `GET` and `DELETE /silence/{id}`. */
export function addSilenceRoutes(app: FastifyInstance, { silences, now, parseMatcher }: ApiContext): void {
  app.get("/silences", async (request) => {
    const filter = readFilter(request, parseMatcher);
    const states = new Set(SILENCE_STATES.filter((state) => flagOf(request, state, true)));
    const nowMs = now();
    return selectSilences(silences.list(), { filter, states }, nowMs).map((silence) => silenceJson(silence, nowMs));
  });

  app.post("/silences", async (request) => {
    const silence = silenceRequestFrom(readBody(request, "silence", postableSilenceSchema));
    if (silence.startsAtMs >= silence.endsAtMs) {
      throw new BadRequestError("failed to create silence: start time must be before end time");
    }
    if (silence.endsAtMs < now()) throw new BadRequestError("failed to create silence: end time can't be in the past");
    return { silenceID: await silences.set(silence) };
  });

  app.get("/silence/:silenceID", async (request, reply) => {
    const silence = silences.get(idOf(request));
    return silence === undefined ? answerNotFound(reply) : silenceJson(silence, now());
  });

  app.delete("/silence/:silenceID", async (request, reply) => {
    try {
      await silences.expire(idOf(request));
      return reply.code(200).send();
    } catch (error) {
      if (error instanceof SilenceNotFoundError) return answerNotFound(reply);
      throw error;
    }
  });
}

function idOf({ params }: FastifyRequest): string {
  const id: unknown = typeof params === "object" && params !== null ? Reflect.get(params, "silenceID") : undefined;
  if (typeof id === "string" && UUID.test(id)) return id;
  throw new SchemaError(SCHEMA_CODES.type, `silenceID in path must be of type uuid: ${JSON.stringify(id)}`);
}

async function answerNotFound(reply: FastifyReply): Promise<void> {
  await reply.code(404).send();
}
