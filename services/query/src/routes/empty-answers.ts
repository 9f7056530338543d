import { type FastifyInstance, successEnvelope } from "@monotreme/http";

/** Rules and alerts: clients ask for them at every start, and nothing produces any yet. */
export function addEmptyAnswers(app: FastifyInstance): void {
  app.get("/api/v1/rules", async () => successEnvelope({ groups: [] }));
  app.get("/api/v1/alerts", async () => successEnvelope({ alerts: [] }));
  app.get("/api/v1/alertmanagers", async () => successEnvelope({ activeAlertmanagers: [], droppedAlertmanagers: [] }));
}
