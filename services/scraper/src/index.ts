export { SCRAPE_FLAGS, SCRAPER_FLAGS } from "./config.ts";
export type { ConfigState } from "./config-reloader.ts";
export { type Scraper, type ScraperOptions, startScraping } from "./scraper.ts";
export { startScraper } from "./service.ts";
