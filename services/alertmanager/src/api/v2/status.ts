import type { FastifyInstance } from "@monotreme/http";
import type { ApiContext } from "../api-context.ts";
import { formatDateTime } from "../request/date-time.ts";
import { API_LEVEL, VERSION_INFO } from "../version-info.ts";

/** `GET /status`. */
export function addStatusRoute(app: FastifyInstance, { info }: ApiContext): void {
  app.get("/status", async () => ({
    cluster: info.cluster(),
    config: { original: info.renderConfig() },
    uptime: formatDateTime(info.startedMs),
    versionInfo: { ...VERSION_INFO, version: API_LEVEL },
  }));
}
