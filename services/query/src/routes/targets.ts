import type { TargetMatcher, TargetsQuestion } from "@monotreme/contracts";
import { type FastifyInstance, successEnvelope } from "@monotreme/http";
import { compareUtf8 } from "@monotreme/model";
import { z } from "zod";
import { envelope, jsonArray } from "../response/envelope.ts";
import { sendJson } from "../response/send-json.ts";
import type { TargetDirectory } from "../targets/target-directory.ts";
import { ParameterError, type RequestParameters } from "./request-parameters.ts";
import { parametersOf, type RouteContext } from "./route-context.ts";

const MAX_LABELS_LENGTH = 64 * 1024;
const labelsSchema = z.record(z.string(), z.string());

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
  addScrapePoolRoutes(app, directory);
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

/** `GET /api/v1/scrape_pools/config` and `/api/v1/targets/relabel_steps`: one job's configuration and what it does to labels. */
function addScrapePoolRoutes(app: FastifyInstance, directory: TargetDirectory): void {
  app.get("/api/v1/scrape_pools/config", async (request) => {
    const scrapePool = scrapePoolOf(parametersOf(request));
    const pool = await directory.scrapePool({ scrapePool });
    if (pool?.yaml === undefined) throw unknownPool(scrapePool);
    return successEnvelope({ yaml: pool.yaml });
  });
  app.get("/api/v1/targets/relabel_steps", async (request) => {
    const parameters = parametersOf(request);
    const scrapePool = scrapePoolOf(parameters);
    const pool = await directory.scrapePool({ scrapePool, labels: labelsOf(parameters.text("labels")) });
    if (pool?.steps === undefined) throw unknownPool(scrapePool);
    return successEnvelope({ steps: pool.steps });
  });
}

function scrapePoolOf(parameters: RequestParameters): string {
  const scrapePool = parameters.text("scrapePool");
  if (scrapePool === "") throw new ParameterError("no scrapePool parameter provided");
  return scrapePool;
}

function unknownPool(scrapePool: string): ParameterError {
  return new ParameterError(`error getting scrape config: scrape pool ${JSON.stringify(scrapePool)} not found`);
}

/** A JSON object of texts. */
function labelsOf(text: string): Readonly<Record<string, string>> {
  if (text === "") throw new ParameterError("no labels parameter provided");
  if (text.length > MAX_LABELS_LENGTH) throw new ParameterError("error parsing labels: the text is too long");
  try {
    return labelsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new ParameterError("error parsing labels: expected a JSON object of texts", cause);
  }
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
