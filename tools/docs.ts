// npm run docs: writes docs/config.md, docs/metrics.md and the list of variables from the code. The architecture tests fail when they differ.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderConfigPage } from "./docs/config-page.ts";
import { renderKnownVariables } from "./docs/known-variables.ts";
import { renderMetricsPage } from "./docs/metrics-page.ts";

const docs = join(import.meta.dirname, "../docs");
writeFileSync(join(docs, "config.md"), renderConfigPage());
writeFileSync(join(docs, "metrics.md"), renderMetricsPage());
writeFileSync(join(docs, "../libs/config/src/generated/known-variables.ts"), renderKnownVariables());
