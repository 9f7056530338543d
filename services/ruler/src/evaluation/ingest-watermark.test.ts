import { FakeClock } from "@monotreme/clock/testing";
import { expect, test } from "vitest";
import { IngestWatermark, type StreamProgress } from "./ingest-watermark.ts";

function bench(readProgress: () => Promise<StreamProgress>) {
  const clock = new FakeClock(0);
  const watermark = new IngestWatermark({ readProgress, maxWaitMs: 2000, clock });
  const wait = (): { outcome: string | undefined } => {
    const waiting: { outcome: string | undefined } = { outcome: undefined };
    void watermark.wait().then((outcome) => {
      waiting.outcome = outcome;
    });
    return waiting;
  };
  return { clock, wait };
}

test("ingest watermark - waits until what was published before is stored, not for what comes later", async () => {
  const progress = { lastSequence: 10, firstWaiting: 8 };
  const { clock, wait } = bench(async () => ({ ...progress }));
  const waiting = wait();
  await clock.advance(500);
  expect(waiting.outcome).toBeUndefined();
  progress.lastSequence = 20;
  progress.firstWaiting = 11;
  await clock.advance(25);
  expect(waiting.outcome).toBe("complete");
});

test("ingest watermark - nothing waits: no delay", async () => {
  const { clock, wait } = bench(async () => ({ lastSequence: 10, firstWaiting: 11 }));
  const waiting = wait();
  await clock.advance(0);
  expect(waiting.outcome).toBe("complete");
});

test("ingest watermark - says when it is late, and when nobody answers", async () => {
  const late = bench(async () => ({ lastSequence: 10, firstWaiting: 5 }));
  const first = late.wait();
  await late.clock.advance(1999);
  expect(first.outcome).toBeUndefined();
  await late.clock.advance(1);
  expect(first.outcome).toBe("late");
  const silent = bench(async () => new Promise(() => undefined));
  const second = silent.wait();
  await silent.clock.advance(2000);
  expect(second.outcome).toBe("unavailable");
  const refusing = bench(async () => Promise.reject(new Error("no server")));
  const third = refusing.wait();
  await refusing.clock.advance(0);
  expect(third.outcome).toBe("unavailable");
});

test("ingest watermark - those who wait together share questions, and each gets one that began after it", async () => {
  let questions = 0;
  const answers: ((progress: StreamProgress) => void)[] = [];
  const { clock, wait } = bench(async () => {
    questions++;
    return new Promise((resolve) => void answers.push(resolve));
  });
  const first = wait();
  await clock.advance(0);
  const others = [wait(), wait()];
  await clock.advance(0);
  expect(questions).toBe(1);
  answers.shift()?.({ lastSequence: 1, firstWaiting: 2 });
  await clock.advance(0);
  expect(first.outcome).toBe("complete");
  expect(questions).toBe(2);
  answers.shift()?.({ lastSequence: 2, firstWaiting: 3 });
  await clock.advance(0);
  expect(others.map(({ outcome }) => outcome)).toEqual(["complete", "complete"]);
});
