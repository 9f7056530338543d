import type { ChunkRemarks } from "./cached-chunk.ts";

/** As many warnings and infos each as the engine gives. */
const MAX_REMARKS = 10;

export const NO_REMARKS: ChunkRemarks = { resolutionMs: 0, warnings: [], infos: [] };

/** Each text once. */
export function joinRemarks(all: readonly ChunkRemarks[]): ChunkRemarks {
  return {
    resolutionMs: all.reduce((coarsest, { resolutionMs }) => Math.max(coarsest, resolutionMs), 0),
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
    infos: [...new Set(all.flatMap(({ infos }) => infos))],
  };
}

export function limitRemarks({ resolutionMs, warnings, infos }: ChunkRemarks): ChunkRemarks {
  return { resolutionMs, warnings: limited(warnings, "warning"), infos: limited(infos, "info") };
}

export function hasRemarks({ warnings, infos }: ChunkRemarks): boolean {
  return warnings.length > 0 || infos.length > 0;
}

/** Whether one speaks of the whole range that was asked, and so does not hold for a part of it. */
export function speaksOfRange({ warnings, infos }: ChunkRemarks): boolean {
  return [...warnings, ...infos].some((text) => /fixed for monotonicity|annotations omitted$/.test(text));
}

function limited(texts: readonly string[], noun: string): readonly string[] {
  if (texts.length <= MAX_REMARKS) return texts;
  return [...texts.slice(0, MAX_REMARKS), `${texts.length - MAX_REMARKS} more ${noun} annotations omitted`];
}
