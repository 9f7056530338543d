import type { ScrapePoolPart, TargetMetadataPart, TargetsPart } from "@monotreme/contracts";
import { AppError, messageOf } from "@monotreme/errors";
import { z } from "zod";

const texts = z.record(z.string(), z.string());

const targetsPart = z.object({
  replica: z.string(),
  isLast: z.boolean(),
  activeTargets: z.array(
    z.object({
      discoveredLabels: texts,
      labels: texts,
      scrapePool: z.string(),
      scrapeUrl: z.string(),
      globalUrl: z.string(),
      lastError: z.string(),
      lastScrape: z.string(),
      lastScrapeDuration: z.number(),
      health: z.enum(["up", "down", "unknown"]),
      scrapeInterval: z.string(),
      scrapeTimeout: z.string(),
    }),
  ),
  droppedTargets: z.array(z.object({ discoveredLabels: texts, scrapePool: z.string() })),
  droppedTargetCounts: z.record(z.string(), z.number()),
});

const metadataPart = z.object({
  replica: z.string(),
  isLast: z.boolean(),
  metadata: z.array(
    z.object({ target: texts, metric: z.string(), type: z.string(), help: z.string(), unit: z.string() }),
  ),
});

const scrapePoolPart = z.object({
  replica: z.string(),
  yaml: z.string().exactOptional(),
  steps: z
    .array(
      z.object({
        rule: z.object({
          sourceLabels: z.array(z.string()).exactOptional(),
          separator: z.string().exactOptional(),
          regex: z.string().exactOptional(),
          modulus: z.number().exactOptional(),
          targetLabel: z.string().exactOptional(),
          replacement: z.string().exactOptional(),
          action: z.string(),
        }),
        output: texts,
        keep: z.boolean(),
      }),
    )
    .exactOptional(),
});

export function decodeScrapePoolPart(data: Uint8Array): ScrapePoolPart {
  return decode(data, scrapePoolPart);
}

export function decodeTargetsPart(data: Uint8Array): TargetsPart {
  return decode(data, targetsPart);
}

export function decodeMetadataPart(data: Uint8Array): TargetMetadataPart {
  return decode(data, metadataPart);
}

function decode<T>(data: Uint8Array, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(data).toString()));
  } catch (error) {
    const text = `a scraper's answer cannot be read: ${messageOf(error)}`;
    throw new AppError("QUERY_TARGETS_UNREADABLE", "internal", text, { cause: error });
  }
}
