import type { FastifyRequest } from "@monotreme/http";
import type { Access, ProjectDirectory } from "../projects/project-directory.ts";
import { ApiFault } from "./api-fault.ts";
import type { JsonObject } from "./json-body.ts";

/** What the key of a request opens: that of its header, or else of its body. Told in the same words whatever is wrong. */
export function accessOf(request: FastifyRequest, body: JsonObject, projects: ProjectDirectory): Access {
  const header = request.headers["x-api-key"];
  const key = typeof header === "string" ? header : body["api_key"];
  if (typeof key !== "string" || key === "") throw new ApiFault(401, "missing api key");
  const access = projects.withApiKey(key);
  if (access === undefined) throw new ApiFault(401, "wrong api key");
  return access;
}

/** As {@link accessOf}, for what a read-only key does not open. */
export function writeAccessOf(request: FastifyRequest, body: JsonObject, projects: ProjectDirectory): Access {
  const access = accessOf(request, body, projects);
  if (access.isReadonly) throw new ApiFault(401, "wrong api key");
  return access;
}
