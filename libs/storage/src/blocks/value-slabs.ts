/** Values in one slab: 2 MiB, so that a series that is kept keeps little beside it. */
const SLAB_VALUES = 262_144;

/**
 * Hands out arrays that lie beside each other in large pieces of memory. An array of its own for each of ten thousand
 * series costs more time, for zeroing and collecting, than to unpack what it holds.
 */
export class ValueSlabs {
  #slab: Float64Array = new Float64Array();
  #used = 0;

  /** An array whose values mean nothing until they are written. */
  take(length: number): Float64Array {
    if (length > SLAB_VALUES / 4) return notZeroed(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = notZeroed(SLAB_VALUES);
      this.#used = 0;
    }
    const taken = this.#slab.subarray(this.#used, this.#used + length);
    this.#used += length;
    return taken;
  }
}

function notZeroed(length: number): Float64Array {
  return new Float64Array(Buffer.allocUnsafeSlow(length * Float64Array.BYTES_PER_ELEMENT).buffer);
}
