import { createHash } from "node:crypto";
import { MONOTREME_VERSION } from "@monotreme/telemetry";
import { API_LEVEL, type ServerInfo } from "../server-info.ts";
import { escapeHtml } from "./escape-html.ts";
import { START_PAGE_SCRIPT } from "./start-page-script.ts";
import { START_PAGE_STYLE } from "./start-page-style.ts";

/** Only the page's own style and script run, and they talk to this server alone. */
export const START_PAGE_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(START_PAGE_STYLE)}'`,
  `script-src '${hashOf(START_PAGE_SCRIPT)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const EXAMPLE_QUERIES = [
  { title: "Which targets answer", expression: "up" },
  { title: "Samples in the last scrape, by job", expression: "sum by (job) (scrape_samples_scraped)" },
  { title: "Requests a second", expression: "sum by (handler) (rate(prometheus_http_requests_total[5m]))" },
] as const;

/** Paths of this server under the page's own address; the script completes them. */
const ADDRESSES = [
  { name: "Grafana data source (type Prometheus)", path: "" },
  { name: "Query API", path: "/api/v1/query" },
  { name: "Remote write", path: "/api/v1/write", role: "gateway" },
  { name: "Metrics of this process", path: "/metrics" },
] as const;

/** The page; what changes while it is open comes from the API. */
export function startPageHtml({ roles, startedMs }: ServerInfo): string {
  const addresses = ADDRESSES.filter((address) => !("role" in address) || roles.includes(address.role));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Monotreme</title>
<style>${START_PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>Monotreme</h1>
<p>Version ${escapeHtml(MONOTREME_VERSION)}, API of Prometheus ${escapeHtml(API_LEVEL)}, up for
<span id="uptime" data-started="${Math.floor(startedMs)}">…</span></p>
<p id="trouble" role="alert" hidden></p>
</header>
<main>
<section>
<h2>Roles in this process</h2>
<ul class="chips">${roles.map((role) => `<li>${escapeHtml(role)}</li>`).join("")}</ul>
</section>
<section>
<h2>Addresses</h2>
<dl>${addresses.map(({ name, path }) => `<dt>${name}</dt><dd><code data-path="${path}">${path}</code></dd>`).join("")}</dl>
</section>
<section>
<h2>Targets <span id="target-counts" class="quiet"></span></h2>
<div id="targets" class="scroll"><p class="quiet">loading…</p></div>
</section>
<section>
<h2>Queries</h2>
${EXAMPLE_QUERIES.map(exampleHtml).join("\n")}
</section>
</main>
<script>${START_PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function exampleHtml({ title, expression }: (typeof EXAMPLE_QUERIES)[number]): string {
  const query = escapeHtml(expression);
  return `<article data-query="${query}"><h3>${escapeHtml(title)}</h3><p><code>${query}</code></p>
<div class="result scroll"><p class="quiet">loading…</p></div></article>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
