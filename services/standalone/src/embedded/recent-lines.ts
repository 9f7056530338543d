const MAX_LINE_LENGTH = 500;

/** The last lines of a stream, for error messages: bounded in lines and in their length, older ones are forgotten. */
export class RecentLines {
  readonly #limit: number;
  #lines: string[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds a chunk of text; a line that comes in two chunks counts as two. */
  add(text: string): void {
    for (const line of text.split("\n")) {
      if (line.trim() !== "") this.#lines.push(line.slice(0, MAX_LINE_LENGTH));
    }
    this.#lines = this.#lines.slice(-this.#limit);
  }

  lines(): readonly string[] {
    return this.#lines;
  }
}
