export { ExpositionError } from "./exposition-error.ts";
export { type ParsedScrape, ScrapeBodyParser, type ScrapedExemplar } from "./scrape-body-parser.ts";
export {
  acceptHeader,
  DEFAULT_SCRAPE_PROTOCOLS,
  type EscapingScheme,
  type ExpositionFormat,
  expositionFormatFor,
  SCRAPE_PROTOCOLS,
  type ScrapeProtocol,
} from "./scrape-protocol.ts";
