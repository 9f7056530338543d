import { FIVE_MINUTES, ONE_HOUR, RAW, type Resolution } from "@monotreme/blocks";
import type { Labels } from "@monotreme/model";
import { ClassFinder } from "./class-finder.ts";
import { DEFAULT_CLASS, type RetentionClass, type RetentionTimes } from "./retention-class.ts";

export interface RetentionPolicyOptions {
  readonly defaults: RetentionTimes;
  /** The first that a series belongs to counts. */
  readonly classes: readonly RetentionClass[];
  /** What all tables together may take on disk; undefined = any size. */
  readonly maxSizeBytes: number | undefined;
}

/**
 * How long samples of each class are kept at each resolution. It never changes: a file that is read again makes another
 * one. A class that a policy does not know (any more) counts as the default class.
 */
export class RetentionPolicy {
  readonly maxSizeBytes: number | undefined;
  readonly classNames: readonly string[];
  readonly #times: ReadonlyMap<string, RetentionTimes>;
  readonly #defaults: RetentionTimes;
  readonly #finder: ClassFinder;

  constructor({ defaults, classes, maxSizeBytes }: RetentionPolicyOptions) {
    this.#defaults = defaults;
    this.#times = new Map(classes.map(({ name, times }) => [name, times]));
    this.#finder = new ClassFinder(classes);
    this.maxSizeBytes = maxSizeBytes;
    this.classNames = [...classes.map(({ name }) => name), DEFAULT_CLASS];
  }

  /** Whether series can be of any class but the default one; without, nobody needs to look at labels. */
  get hasClasses(): boolean {
    return this.#times.size > 0;
  }

  /** The class of a series, part of the partition key of its chunks. About a million series a second. */
  classOfSeries(tenant: string, labels: Labels): string {
    return this.#finder.find(tenant, labels);
  }

  /** For how many ms samples are kept: 0 = not at all once the next resolution is made of them, Infinity = for ever. */
  retentionMsOf(className: string, { resolutionMs }: Resolution): number {
    const times = this.#times.get(className) ?? this.#defaults;
    if (resolutionMs === RAW.resolutionMs) return times.rawMs;
    return resolutionMs === FIVE_MINUTES.resolutionMs ? times.fiveMinutesMs : times.oneHourMs;
  }

  /** Whether buckets of a resolution are of use: those that are kept, and those that kept ones are made of. */
  isMade(className: string, resolution: Resolution): boolean {
    if (resolution.resolutionMs === RAW.resolutionMs || this.retentionMsOf(className, resolution) > 0) return true;
    return resolution.resolutionMs < ONE_HOUR.resolutionMs && this.isMade(className, ONE_HOUR);
  }

  /** The longest that any class keeps a resolution. */
  longestMs(resolution: Resolution): number {
    return Math.max(...this.classNames.map((name) => this.retentionMsOf(name, resolution)));
  }
}

/**
 * The instant (epoch ms) up to which samples of a class are not kept at a resolution: those at it and before may be gone.
 * -Infinity where they are kept for ever, `nowMs` where they are not kept at all.
 */
export function horizonOf(policy: RetentionPolicy, className: string, resolution: Resolution, nowMs: number): number {
  return nowMs - policy.retentionMsOf(className, resolution);
}
