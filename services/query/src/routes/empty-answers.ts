import { type FastifyInstance, successEnvelope } from "@monotreme/http";

/** Rules, alerts and exemplars: clients ask for them at every start, and nothing produces any yet. */
export function addEmptyAnswers(app: FastifyInstance): void {
  app.get("/api/v1/rules", async () => successEnvelope({ groups: [] }));
  app.get("/api/v1/alerts", async () => successEnvelope({ alerts: [] }));
  app.get("/api/v1/alertmanagers", async () => successEnvelope({ activeAlertmanagers: [], droppedAlertmanagers: [] }));
  app.route({
    method: ["GET", "POST"],
    url: "/api/v1/query_exemplars",
    handler: async () => successEnvelope([]),
  });
}
