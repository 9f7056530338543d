/** The largest power of ten that decimals are scaled by. */
export const MAX_EXPONENT = 15;

/** Powers of ten from 10^0 on; exact doubles all of them. */
export const POWERS: readonly number[] = Array.from({ length: MAX_EXPONENT + 1 }, (_, exponent) => 10 ** exponent);
