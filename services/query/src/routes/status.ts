import { hostname } from "node:os";
import type { FastifyInstance } from "@monotreme/http";
import { successEnvelope } from "@monotreme/http";
import { MONOTREME_VERSION } from "@monotreme/telemetry";
import { API_LEVEL, type ServerInfo } from "../server-info.ts";

/** `/api/v1/status/*` and `/version`. */
export function addStatusRoutes(app: FastifyInstance, info: ServerInfo, now: () => number): void {
  app.get("/api/v1/status/buildinfo", async () => successEnvelope(buildInfo()));
  app.get("/version", async () => buildInfo());
  app.get("/api/v1/status/config", async () => successEnvelope({ yaml: info.renderConfig() }));
  app.get("/api/v1/status/flags", async () => successEnvelope(sortedObject(info.flags)));
  app.get("/api/v1/status/runtimeinfo", async () => successEnvelope(runtimeInfo(info, now())));
}

function buildInfo(): object {
  return {
    version: API_LEVEL,
    revision: `monotreme-${MONOTREME_VERSION}`,
    branch: "",
    buildUser: "",
    buildDate: "",
    goVersion: `node ${process.version}`,
  };
}

/** Upstream's fields; those of the Go runtime stay empty. */
function runtimeInfo({ startedMs, configState }: ServerInfo, nowMs: number): object {
  const { loadedMs, isSuccess } = configState();
  return {
    startTime: new Date(startedMs).toISOString(),
    CWD: process.cwd(),
    hostname: hostname(),
    serverTime: new Date(nowMs).toISOString(),
    reloadConfigSuccess: isSuccess,
    lastConfigTime: new Date(loadedMs).toISOString(),
    corruptionCount: 0,
    goroutineCount: 0,
    GOMAXPROCS: 1,
    GOMEMLIMIT: 0,
    GOGC: "",
    GODEBUG: "",
    storageRetention: "",
  };
}

function sortedObject(entries: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
