import type { FastifyRequest } from "@monotreme/http";
import type { HeartbeatContext } from "../routes/heartbeat-context.ts";
import type { JsonObject } from "./json-body.ts";

/** A request of the management API, taken apart. */
export interface ApiRequest {
  readonly context: HeartbeatContext;
  readonly request: FastifyRequest;
  readonly body: JsonObject;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** 1 to 3. */
  readonly version: number;
  /** What stands in the address for a check: a UUID, or a unique key; empty where it has none. */
  readonly checkName: string;
  /** What stands in the address for a ping; empty where it has none. */
  readonly pingNumber: string;
}

/** An answer: JSON, or bytes. */
export type ApiAnswer = { readonly status?: number } & (
  | { readonly json: object }
  | { readonly bytes: Uint8Array | string; readonly contentType: string }
);

/** Answers a request; throws `ApiFault` for what it refuses. */
export type Handler = (api: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;
