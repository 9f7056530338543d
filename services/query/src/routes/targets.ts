import type { TargetMatcher, TargetsQuestion } from "@monotreme/contracts";
import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import { compareUtf8 } from "@monotreme/model";
import { envelope, jsonArray } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import type { TargetDirectory } from "../targets/target-directory.ts";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import { parametersOf, type RouteContext } from "./route-context.ts";

/** `GET /api/v1/targets`, `/api/v1/targets/metadata` and `/api/v1/scrape_pools`: what the scrapers know; the same for every tenant. */
export function addTargetRoutes(app: FastifyInstance, context: RouteContext, directory: TargetDirectory): void {
  app.get("/api/v1/targets", async (request, reply) => {
    const { warnings, ...data } = await directory.targets(targetsQuestionOf(parametersOf(request)));
    return sendJson(request, reply, envelope([JSON.stringify(data)], { warnings }), context.meter);
  });
  app.get("/api/v1/scrape_pools", async () => {
    const { activeTargets, droppedTargetCounts, warnings } = await directory.targets({ state: "active" });
    const names = [...activeTargets.map(({ scrapePool }) => scrapePool), ...Object.keys(droppedTargetCounts)];
    return successEnvelope({ scrapePools: [...new Set(names)].sort(compareUtf8) }, warnings);
  });
  app.get("/api/v1/targets/metadata", async (request, reply) => {
    const parameters = parametersOf(request);
    const limit = parameters.limit();
    const { metadata, warnings } = await directory.metadata({
      matchers: targetMatchersOf(parameters, context),
      metric: parameters.text("metric"),
      ...(limit > 0 ? { limit } : {}),
    });
    const metric = parameters.text("metric");
    const data = jsonArray(metadata, (entry) =>
      JSON.stringify(metric === "" ? entry : { ...entry, metric: undefined }),
    );
    return sendJson(request, reply, envelope(data, { warnings }), context.meter);
  });
}

/** Upstream answers an unknown state with empty lists; saying what is wrong helps more. */
function targetsQuestionOf(parameters: RequestParameters): TargetsQuestion {
  const state = parameters.text("state").toLowerCase();
  const scrapePool = parameters.text("scrapePool");
  if (state !== "" && state !== "active" && state !== "dropped" && state !== "any") {
    throw ParameterError.of("state", `${JSON.stringify(state)} is none of active, dropped and any`);
  }
  return { state: state === "" ? "any" : state, ...(scrapePool === "" ? {} : { scrapePool }) };
}

function targetMatchersOf(parameters: RequestParameters, { language }: RouteContext): TargetMatcher[] {
  if (parameters.text("match_target") === "") return [];
  const matchers = parameters.selector("match_target", language.parser);
  return matchers.map(({ type, name, value }) => ({ type, name, value }));
}
