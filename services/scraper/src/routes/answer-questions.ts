import type { Bus } from "@monotreme/bus";
import {
  RELOAD_SUBJECT,
  type ReloadAnswer,
  SCRAPE_POOL_SUBJECT,
  TARGET_METADATA_SUBJECT,
  type TargetMetadataPart,
  TARGETS_PER_PART,
  TARGETS_SUBJECT,
  type TargetsPart,
} from "@monotreme/contracts";
import { messageOf } from "@monotreme/errors";
import type { Logger } from "@monotreme/telemetry";
import { z } from "zod";
import type { ScrapePool } from "../scrape/scrape-pool.ts";
import { describePool } from "./describe-pool.ts";
import { describeMetadata, describeTargets } from "./describe-targets.ts";

export interface QuestionOptions {
  readonly bus: Bus;
  readonly replica: string;
  readonly pools: () => Iterable<ScrapePool>;
  readonly reload: () => Promise<void>;
  readonly logger: Logger;
}

const targetsQuestion = z.object({
  state: z.enum(["active", "dropped", "any"]).exactOptional(),
  scrapePool: z.string().exactOptional(),
});

const metadataQuestion = z.object({
  matchers: z
    .array(z.object({ type: z.enum(["=", "!=", "=~", "!~"]), name: z.string(), value: z.string() }))
    .max(100)
    .exactOptional(),
  metric: z.string().exactOptional(),
  limit: z.number().int().min(0).exactOptional(),
});

const poolQuestion = z.object({
  scrapePool: z.string(),
  labels: z.record(z.string(), z.string()).exactOptional(),
});

/** What comes as a question and goes back as an answer. */
interface Question {
  readonly data: Uint8Array;
  respond(data: string): boolean;
}

/** Answers the questions of other roles over NATS until it is closed. */
export function answerQuestions(options: QuestionOptions): { close(): Promise<void> } {
  const { bus, logger } = options;
  const answers: readonly (readonly [string, (question: Question) => void | Promise<void>])[] = [
    [TARGETS_SUBJECT, (question) => answerTargets(question, options)],
    [TARGET_METADATA_SUBJECT, (question) => answerMetadata(question, options)],
    [SCRAPE_POOL_SUBJECT, (question) => answerPool(question, options)],
    [RELOAD_SUBJECT, (question) => answerReload(question, options)],
  ];
  const subscriptions = answers.map(([subject, answer]) =>
    bus.connection.subscribe(subject, {
      callback: (error, message) => {
        if (error !== null) return;
        void Promise.resolve()
          .then(() => answer(message))
          .catch((fault: unknown) => logger.warn({ subject, reason: messageOf(fault) }, "question not answered"));
      },
    }),
  );
  return {
    close: async () => {
      for (const subscription of subscriptions) subscription.unsubscribe();
    },
  };
}

function answerTargets(question: Question, { pools, replica }: QuestionOptions): void {
  const { activeTargets, droppedTargets, droppedTargetCounts } = describeTargets(
    pools(),
    read(question, targetsQuestion),
  );
  const parts = Math.max(1, Math.ceil(Math.max(activeTargets.length, droppedTargets.length) / TARGETS_PER_PART));
  for (let part = 0; part < parts; part++) {
    const from = part * TARGETS_PER_PART;
    const isLast = part === parts - 1;
    const answer: TargetsPart = {
      replica,
      isLast,
      activeTargets: activeTargets.slice(from, from + TARGETS_PER_PART),
      droppedTargets: droppedTargets.slice(from, from + TARGETS_PER_PART),
      droppedTargetCounts: isLast ? droppedTargetCounts : {},
    };
    question.respond(JSON.stringify(answer));
  }
}

function answerMetadata(question: Question, { pools, replica }: QuestionOptions): void {
  const metadata = describeMetadata(pools(), read(question, metadataQuestion));
  const parts = Math.max(1, Math.ceil(metadata.length / TARGETS_PER_PART));
  for (let part = 0; part < parts; part++) {
    const from = part * TARGETS_PER_PART;
    const answer: TargetMetadataPart = {
      replica,
      isLast: part === parts - 1,
      metadata: metadata.slice(from, from + TARGETS_PER_PART),
    };
    question.respond(JSON.stringify(answer));
  }
}

function answerPool(question: Question, { pools, replica }: QuestionOptions): void {
  question.respond(JSON.stringify(describePool(replica, pools(), read(question, poolQuestion))));
}

async function answerReload(question: Question, { reload, replica }: QuestionOptions): Promise<void> {
  let answer: ReloadAnswer = { replica };
  try {
    await reload();
  } catch (error) {
    answer = { replica, error: messageOf(error) };
  }
  question.respond(JSON.stringify(answer));
}

/** An empty question asks for everything. */
function read<T>(question: Question, schema: z.ZodType<T>): T {
  const text = Buffer.from(question.data).toString();
  return schema.parse(text === "" ? {} : JSON.parse(text));
}
