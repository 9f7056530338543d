import { describe, expect, test } from "vitest";
import { createTerminal, humanBytes, humanCount, progressBar, renderTable } from "./terminal.ts";

describe("terminal", () => {
  const record = (isTTY: boolean) => {
    let text = "";
    let nowMs = 0;
    const stream = { isTTY, columns: 80, write: (piece: string): unknown => (text += piece) };
    const terminal = createTerminal(stream, () => nowMs);
    return { terminal, text: () => text, pass: (ms: number): unknown => (nowMs += ms) };
  };

  test("terminal - draws a bar in place, and removes it before a line", () => {
    const { terminal, text, pass } = record(true);
    terminal.progress("raw", 0.5);
    pass(200);
    terminal.progress("raw", 1);
    terminal.line("done");
    expect(text()).toBe(`raw ${progressBar(0.5)}\r\u001b[2Kraw ${progressBar(1)}\r\u001b[2Kdone\n`);
  });

  test("terminal - writes a line now and then where nobody looks", () => {
    const { terminal, text, pass } = record(false);
    terminal.progress("raw", 0.1);
    pass(1000);
    terminal.progress("raw", 0.2);
    pass(5000);
    terminal.progress("raw", 0.3);
    terminal.endProgress();
    terminal.line("done");
    expect(text()).toBe("raw 10%\nraw 30%\ndone\n");
  });

  test("terminal - columns are as wide as they need, numbers to the right", () => {
    expect(
      renderTable(
        ["name", "size"],
        [
          ["a", "1.0 KiB"],
          ["bcdef", "12 B"],
        ],
      ),
    ).toEqual(["name      size", "a      1.0 KiB", "bcdef     12 B"]);
  });

  test("terminal - sizes and counts are for people", () => {
    expect([0, 1023, 1024, 5.5 * 2 ** 30].map(humanBytes)).toEqual(["0 B", "1023 B", "1.0 KiB", "5.5 GiB"]);
    expect([0, 9999, 12_345, 1.25e6, 3e9].map(humanCount)).toEqual(["0", "9999", "12.3k", "1.3M", "3.00G"]);
  });
});
