import { runService } from "@monotreme/lifecycle";
import { SCRAPER_FLAGS } from "./config.ts";
import { startScraper } from "./service.ts";

await runService({ name: "scraper", flags: SCRAPER_FLAGS, start: startScraper });
