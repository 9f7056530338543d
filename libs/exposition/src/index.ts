export { ExpositionError } from "./exposition-error.ts";
export type { ParsedScrape, ScrapedExemplar, ScrapedHistogram, ScrapedStart } from "./parsed-scrape.ts";
export { parseProtobufBody, type ProtobufOptions, schemaOfBucketFactor } from "./protobuf-body.ts";
export { ScrapeBodyParser } from "./scrape-body-parser.ts";
export {
  acceptHeader,
  DEFAULT_SCRAPE_PROTOCOLS,
  type EscapingScheme,
  type ExpositionFormat,
  expositionFormatFor,
  SCRAPE_PROTOCOLS,
  type ScrapeProtocol,
  type TextFormat,
} from "./scrape-protocol.ts";
export { writeExposition, type WrittenFamily, type WrittenSample } from "./exposition-writer.ts";
