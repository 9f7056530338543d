import { messageOf } from "@monotreme/errors";
import { DeliveryError, NtfyServers } from "@monotreme/receivers";
import type { Logger } from "@monotreme/telemetry";
import type { Flip } from "../checks/check.ts";
import type { LoadedCheck } from "../checks/check-store.ts";
import type { FlipListener } from "../flips/flip-outbox.ts";
import type { HeartbeatMetrics } from "../metrics.ts";
import type { ChannelConfig } from "../projects/channel-config.ts";
import type { ProjectDirectory } from "../projects/project-directory.ts";
import type { ChannelRecords } from "./channel-records.ts";
import { composeMessage, type LastPing } from "./compose-message.ts";
import { type ChannelRecord, type Notice, noticeIdOf, recordKeyOf } from "./notice.ts";
import { afterFlip, afterGivingUp, afterSending, isSameNotice } from "./notice-changes.ts";
import { NoticeQueue, type NoticeJob } from "./notice-queue.ts";
import { SenderPool } from "./sender-pool.ts";

export interface ChannelsOptions {
  readonly redisUrl: string;
  readonly records: ChannelRecords;
  readonly projects: ProjectDirectory;
  /** The check as it is now. */
  readonly checkOf: (checkId: string) => LoadedCheck | undefined;
  /** Never rejects. */
  readonly lastPing: (check: LoadedCheck) => Promise<LastPing>;
  readonly checkJson: (check: LoadedCheck) => unknown;
  readonly externalUrl: string;
  readonly metrics: HeartbeatMetrics;
  readonly logger: Logger;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A notice that could not be sent for so long is given up. */
const GIVE_UP_MS = 24 * 3_600_000;
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 5 * 60_000;
/** Behind an older notice of the same check and channel. */
const TURN_MS = 500;
const MAX_ERROR_LENGTH = 300;

/**
 * Tells the channels of a check directly of its flips, in their order, each once, and reminds them while it is down. What
 * is to be told stands in a bucket; Redis only says when, and may lose it all.
 */
export class Channels implements FlipListener {
  readonly name = "channels";
  readonly isUrgent = true;
  readonly #options: ChannelsOptions;
  #queue: NoticeQueue | undefined;
  readonly #senders: SenderPool;
  readonly #stop = new AbortController();
  /** Tries so far of what is being sent, by the notice's id; a process that starts anew tries at once. */
  readonly #tries = new Map<string, number>();

  constructor(options: ChannelsOptions) {
    this.#options = options;
    const { externalUrl, logger, now } = options;
    this.#senders = new SenderPool({ externalUrl, logger, now, ntfy: { servers: new NtfyServers({ now }) } });
  }

  /** Begins to tell; not before all checks and records are loaded. */
  start(): void {
    const { redisUrl, logger, now, records } = this.#options;
    this.#queue = new NoticeQueue({
      redisUrl,
      logger,
      now,
      onJob: async (job) => this.#run(job),
      onLost: () => {
        for (const [key, record] of records.all()) this.#enqueue(key, record);
      },
    });
  }

  async take(check: LoadedCheck, flip: Flip): Promise<void> {
    const { definition } = check;
    const { records, projects } = this.#options;
    const channels = projects.get(definition.project)?.channels ?? [];
    for (const channel of channels) {
      if (!definition.channels.includes(channel.name) && !definition.channels.includes(channel.id)) continue;
      const key = recordKeyOf(definition.id, channel.id);
      const whose = { checkId: definition.id, project: definition.project };
      await records.update(key, (record) => afterFlip(record, whose, channel, flip));
      const record = records.get(key);
      if (record !== undefined) this.#enqueue(key, record);
    }
  }

  /** The check is gone: nobody is to be told any more. */
  forget({ definition: { id, project } }: LoadedCheck): void {
    const { records, projects, logger } = this.#options;
    for (const channel of projects.get(project)?.channels ?? []) {
      const key = recordKeyOf(id, channel.id);
      if (records.get(key) === undefined) continue;
      records.remove(key).catch((error: unknown) => {
        logger.warn({ reason: messageOf(error) }, "the record of a channel stays behind");
      });
    }
  }

  /** What stands in the way of a channel, by its name; only channels whose last notice was not sent. */
  faultsOf(project: string): ReadonlyMap<string, string> {
    const faults = new Map<string, string>();
    for (const [, record] of this.#options.records.all()) {
      if (record.project !== project || record.lastError === "") continue;
      const channel = this.#channelOf(record);
      if (channel !== undefined) faults.set(channel.name, record.lastError);
    }
    return faults;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#queue?.close();
    this.#senders.close();
    await this.#options.records.close();
  }

  #enqueue(key: string, { waiting }: ChannelRecord): void {
    for (const notice of waiting) this.#queue?.add({ key, notice: noticeIdOf(key, notice), dueMs: notice.dueMs });
  }

  /** Never rejects. */
  async #run({ key, notice: id }: NoticeJob): Promise<number | undefined> {
    const { records, now, logger } = this.#options;
    try {
      const find = (each: Notice): boolean => noticeIdOf(key, each) === id;
      if (records.get(key)?.waiting.some(find) !== true) await records.refresh(key);
      const record = records.get(key);
      const notice = record?.waiting.find(find);
      if (record === undefined || notice === undefined) return undefined;
      if (notice.dueMs > now()) return notice.dueMs;
      const [first] = record.waiting;
      if (first !== undefined && !isSameNotice(first, notice)) return now() + TURN_MS;
      return await this.#tell(key, record, notice);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, "a notice waits");
      return now() + FIRST_RETRY_MS;
    }
  }

  async #tell(key: string, record: ChannelRecord, notice: Notice): Promise<number | undefined> {
    const { records, metrics, now } = this.#options;
    const channel = this.#channelOf(record);
    const check = this.#options.checkOf(record.checkId);
    if (channel === undefined || check === undefined) {
      await records.remove(key);
      return undefined;
    }
    if (notice.repeat > 0 && check.state.status !== "down") {
      await records.update(
        key,
        (each) => each && { ...each, waiting: each.waiting.filter(({ repeat }) => repeat === 0) },
      );
      return undefined;
    }
    const error = await this.#send(key, channel, check, notice);
    if (this.#stop.signal.aborted) return now() + TURN_MS;
    if (error !== undefined) return this.#afterFailure(key, channel, notice, error);
    this.#tries.delete(noticeIdOf(key, notice));
    metrics.notices.inc({ kind: channel.kind, result: "sent" });
    await records.update(key, (each) => each && afterSending(each, notice, channel.repeatMs, now()));
    const after = records.get(key);
    if (after !== undefined) this.#enqueue(key, after);
    return undefined;
  }

  /** Resolves to what went wrong. */
  async #send(key: string, channel: ChannelConfig, check: LoadedCheck, notice: Notice): Promise<unknown> {
    const { projects, checkJson, now, lastPing } = this.#options;
    const projectName = projects.get(check.definition.project)?.name ?? "";
    let read: Promise<LastPing> | undefined;
    try {
      const message = await composeMessage({
        key,
        check,
        notice,
        projectName,
        lastPing: () => (read ??= lastPing(check)),
        checkJson,
        nowMs: now(),
      });
      await this.#senders.of(channel).send(message, this.#stop.signal);
      return undefined;
    } catch (error) {
      return error ?? new Error("unknown");
    }
  }

  async #afterFailure(
    key: string,
    channel: ChannelConfig,
    notice: Notice,
    error: unknown,
  ): Promise<number | undefined> {
    const { records, metrics, logger, now } = this.#options;
    const text = messageOf(error).slice(0, MAX_ERROR_LENGTH);
    const id = noticeIdOf(key, notice);
    const tries = (this.#tries.get(id) ?? 0) + 1;
    const isWorthIt = !(error instanceof DeliveryError) || error.isRetryable;
    metrics.notices.inc({ kind: channel.kind, result: "failed" });
    if (isWorthIt && now() - notice.dueMs < GIVE_UP_MS) {
      this.#tries.set(id, tries);
      const askedMs = error instanceof DeliveryError ? (error.retryAfterMs ?? 0) : 0;
      await records.update(key, (each) =>
        each?.lastError === text ? undefined : each && { ...each, lastError: text },
      );
      return now() + Math.max(askedMs, Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (tries - 1)));
    }
    this.#tries.delete(id);
    metrics.notices.inc({ kind: channel.kind, result: "given_up" });
    logger.error({ channel: channel.name, reason: text }, "a channel was not told");
    await records.update(key, (each) => each && afterGivingUp(each, notice, text));
    return undefined;
  }

  #channelOf({ project, channelId }: ChannelRecord): ChannelConfig | undefined {
    return this.#options.projects.get(project)?.channels.find(({ id }) => id === channelId);
  }
}
