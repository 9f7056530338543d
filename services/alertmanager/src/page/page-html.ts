import { createHash } from "node:crypto";
import { ALERTS_SCRIPT } from "./alerts-script.ts";
import { BASE_SCRIPT } from "./base-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { SILENCES_SCRIPT } from "./silences-script.ts";
import { STATUS_SCRIPT } from "./status-script.ts";

const SCRIPT = `"use strict";\n${BASE_SCRIPT}${ALERTS_SCRIPT}${SILENCES_SCRIPT}${STATUS_SCRIPT}`;

/** Only the page's own style and script run, and they talk to this server alone. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(PAGE_STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page; everything on it comes from the API. Its addresses (`#/alerts`, `#/silences/new?filter=…`) are upstream's. */
export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Alertmanager</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>Alertmanager</h1>
<nav><a href="#/alerts">Alerts</a> <a href="#/silences">Silences</a> <a href="#/notifications">Notifications</a>
<a href="#/status">Status</a></nav>
</header>
<main>
<p id="trouble" role="alert"></p>
<div id="view"><p class="quiet">loading…</p></div>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
