import { createHash } from "node:crypto";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";

/** Only the page's own style and script run, and they talk to this server alone. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(PAGE_STYLE)}'`,
  `script-src '${hashOf(PAGE_SCRIPT)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page: the same for everybody; what it lists comes from the API, with a key that the visitor has. */
export const PAGE_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Monotreme heartbeats</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<h1>Heartbeats</h1>
<form id="login">
<label>API key, read-only or not: <input id="key" type="password" autocomplete="off" required></label>
<button>Show checks</button>
<p class="quiet">The keys stand in the heartbeat file. Without one: <code>npm run monotreme -- heartbeat keys</code></p>
</form>
<p id="trouble" role="alert"></p>
<section id="list" hidden>
<h2>Checks: <span id="count"></span></h2>
<table>
<thead><tr><th>Status</th><th>Name</th><th>Tags</th><th>Every</th><th>Last ping</th><th>Next</th><th>Address</th></tr></thead>
<tbody id="checks"></tbody>
</table>
</section>
<h2>How a job reports in</h2>
<pre>curl -fsS -m 10 --retry 5 <span data-path="ping/">ping/</span>&lt;uuid&gt;
curl -fsS -m 10 --retry 5 <span data-path="ping/">ping/</span>&lt;ping key&gt;/&lt;slug&gt;?create=1</pre>
<p>With <code>/start</code> at its beginning and <code>/$?</code> (the exit status), <code>/fail</code> or <code>/log</code>
in place of plain success.</p>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
