/** Where a command writes: answers on one stream, faults on the other, so that scripts can tell them apart. */
export interface CommandOutput {
  line(text: string): void;
  fault(text: string): void;
}

/** The part of a stream that this needs. */
export interface TextSink {
  write(text: string): unknown;
}

/** Writes whole lines. */
export function createCommandOutput(stdout: TextSink, stderr: TextSink): CommandOutput {
  return { line: (text) => void stdout.write(`${text}\n`), fault: (text) => void stderr.write(`${text}\n`) };
}

/** How a command ended: all is well, something is wrong with what it looked at, or it was asked in a wrong way. */
export const EXIT_CODES = { well: 0, faults: 1, misuse: 2 } as const;
