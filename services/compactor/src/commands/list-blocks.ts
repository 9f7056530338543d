import type { DescribedBlock, DescribedBlocks } from "../status/describe-blocks.ts";
import { humanBytes, humanCount, renderTable, type Terminal } from "./terminal.ts";

const HEADER = ["resolution", "start", "state", "generation", "series", "samples", "packed", "B/sample", "note"];

/** Prints blocks as a table, and all of them together below it. */
export function listBlocks(described: DescribedBlocks, terminal: Terminal): void {
  if (described.blocks.length === 0) terminal.line("no blocks");
  else for (const line of renderTable(HEADER, described.blocks.map(cellsOf))) terminal.line(line);
  terminal.line("");
  for (const { resolution, blocks, samples, diskBytes, diskBytesPerSample } of described.totals) {
    const counts = Object.entries(blocks).filter(([, count]) => count > 0);
    const states = counts.map(([state, count]) => `${count} ${state.replace("_", " ")}`).join(", ") || "none";
    const size =
      samples === 0 ? "" : `; ${humanCount(samples)} in ${humanBytes(diskBytes)} on disk, ${diskBytesPerSample} B each`;
    terminal.line(`${resolution}: ${states}${size}`);
  }
  for (const { resolution, blocks, oldestAgeSeconds } of described.backlog) {
    if (blocks > 0) terminal.line(`${resolution}: ${blocks} due, the oldest for ${Math.round(oldestAgeSeconds)} s`);
  }
}

function cellsOf(block: DescribedBlock): readonly string[] {
  return [
    block.resolution,
    block.start.replace(":00.000Z", "Z"),
    block.state.replace("_", " "),
    String(block.generation),
    humanCount(block.series),
    humanCount(block.samples),
    humanBytes(block.bytes),
    block.bytesPerSample.toFixed(2),
    block.progress === undefined ? block.reason.slice(0, 80) : `${Math.floor(block.progress.ratio * 100)}%`,
  ];
}
