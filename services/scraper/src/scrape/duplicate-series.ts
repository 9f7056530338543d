import { SERIES_FLAG, type SeriesTable } from "./series-table.ts";

/**
 * Flags slots whose series another slot of the body already stands for (labels that relabelling or `le="1"` beside
 * `le="1.0"` made equal); the one that comes first in the body stays. Says whether there are any. One pass with a hash
 * table that lives only as long as the call, because it is called only when a target's series change.
 */
export function findDuplicateSeries(table: SeriesTable, slots: Int32Array, count: number): boolean {
  let size = 16;
  while (size < count * 2) size *= 2;
  const places = new Int32Array(size);
  let found = false;
  for (let i = 0; i < count; i++) {
    const slot = slots[i] as number;
    if (!table.hasFlag(slot, SERIES_FLAG.kept)) continue;
    const isDuplicate = !claim(places, table, slot);
    table.setFlag(slot, SERIES_FLAG.duplicate, isDuplicate);
    found ||= isDuplicate;
  }
  return found;
}

/** Puts the slot in its series' place; false where another slot has it. */
function claim(places: Int32Array, table: SeriesTable, slot: number): boolean {
  const idLow = table.seriesIdLow[slot] as number;
  const idHigh = table.seriesIdHigh[slot] as number;
  const mask = places.length - 1;
  // The ids are hashes already.
  for (let place = idLow & mask; ; place = (place + 1) & mask) {
    const other = (places[place] as number) - 1;
    if (other === slot) return true;
    if (other < 0) {
      places[place] = slot + 1;
      return true;
    }
    if (table.isSeries(other, idLow, idHigh)) return false;
  }
}
