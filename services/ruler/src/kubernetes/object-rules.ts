import { type Clock, sleep } from "@monotreme/clock";
import type { FollowedResource } from "@monotreme/discovery";
import { messageOf } from "@monotreme/errors";
import { type ParseRulesOptions, RuleFileError, type RuleGroupConfig } from "@monotreme/rules";
import type { Logger } from "@monotreme/telemetry";
import type { ObjectMeters } from "../metrics.ts";
import { admitObjects, OBJECT_LIMITS, type ObjectLimits } from "./admitted-objects.ts";
import { fileOfObject, groupsOfObject, type RuleObject } from "./rule-object.ts";

/** Changes within this time are taken together. */
const SETTLE_MS = 250;
/** Rules are read for so long before others get their turn. */
const TURN_MS = 20;
const TOLD_FAULTS = 10;
const TOLD_CHARACTERS = 500;

/** A group of an object; `file` is the same in every replica. */
export interface ObjectGroup {
  readonly file: string;
  readonly group: RuleGroupConfig;
}

/** The objects of a cluster as far as they are known. */
export type FollowedRuleObjects = Pick<FollowedResource<RuleObject>, "objects" | "states" | "start" | "close">;

export interface FollowCallbacks {
  readonly onChange: () => void;
  readonly onState: () => void;
  readonly onFailure: () => void;
}

export interface ObjectRulesOptions {
  readonly follow: (callbacks: FollowCallbacks) => FollowedRuleObjects;
  readonly rules: ParseRulesOptions;
  /** Called after `all` has changed. */
  readonly onChange: () => void;
  readonly meters: ObjectMeters;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: ObjectLimits;
}

interface InForce {
  readonly uid: string;
  readonly groups: readonly ObjectGroup[];
}

/**
 * The rule groups of the PrometheusRule objects of a cluster. An object with any fault is left out whole; what the same
 * object said before stays in force.
 */
export class ObjectRules {
  readonly #options: ObjectRulesOptions;
  readonly #followed: FollowedRuleObjects;
  readonly #stopping = new AbortController();
  /** What was read last of each object, whether it could be used or not. */
  readonly #read = new Map<string, RuleObject>();
  readonly #inForce = new Map<string, InForce>();
  readonly #invalid = new Set<string>();
  #all: readonly ObjectGroup[] = [];
  #refusedCount = 0;
  #cancelTimer: (() => void) | undefined;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(options: ObjectRulesOptions) {
    this.#options = options;
    this.#followed = options.follow({
      onChange: () => this.#schedule(),
      onState: () => this.#showStates(),
      onFailure: () => options.meters.failures.inc(),
    });
    this.#showStates();
  }

  /** The groups in force, in the same order in all replicas. */
  get all(): readonly ObjectGroup[] {
    return this.#all;
  }

  start(): void {
    this.#followed.start();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#cancelTimer?.();
    await this.#followed.close();
    await this.#refreshing;
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted) return;
    this.#cancelTimer ??= this.#options.clock.after(SETTLE_MS, () => {
      this.#cancelTimer = undefined;
      this.#refreshing = this.#refreshing.then(async () => this.#refresh());
    });
  }

  /** Never rejects. */
  async #refresh(): Promise<void> {
    const { limits = OBJECT_LIMITS, onChange } = this.#options;
    const { admitted, refused } = admitObjects(this.#followed.objects, limits);
    for (const key of this.#read.keys()) if (!admitted.has(key)) this.#forget(key);
    await this.#readChanged(admitted);
    if (this.#stopping.signal.aborted) return;
    this.#all = [...admitted.keys()].flatMap((key) => this.#inForce.get(key)?.groups ?? []);
    this.#showCounts(refused);
    onChange();
  }

  async #readChanged(admitted: ReadonlyMap<string, RuleObject>): Promise<void> {
    const { clock } = this.#options;
    let turnMs = clock.now();
    for (const [key, object] of admitted) {
      if (this.#read.get(key) === object) continue;
      this.#take(key, object);
      if (Math.abs(clock.now() - turnMs) < TURN_MS) continue;
      await sleep(clock, 0, this.#stopping.signal);
      if (this.#stopping.signal.aborted) return;
      turnMs = clock.now();
    }
  }

  #take(key: string, object: RuleObject): void {
    this.#read.set(key, object);
    // What was deleted and made anew shares the name only.
    if (this.#inForce.get(key)?.uid !== object.uid) this.#inForce.delete(key);
    try {
      const file = fileOfObject(object);
      const groups = groupsOfObject(object, this.#options.rules).map((group) => ({ file, group }));
      this.#inForce.set(key, { uid: object.uid, groups });
      this.#invalid.delete(key);
    } catch (error) {
      this.#invalid.add(key);
      this.#tellFaults(key, error);
    }
  }

  #tellFaults(key: string, error: unknown): void {
    const faults = error instanceof RuleFileError ? error.faults : [messageOf(error)];
    this.#options.logger.warn(
      {
        object: key,
        faults: faults.slice(0, TOLD_FAULTS).map((fault) => fault.slice(0, TOLD_CHARACTERS)),
        faultCount: faults.length,
        isFormerInForce: this.#inForce.has(key),
      },
      "PrometheusRule cannot be used",
    );
  }

  #forget(key: string): void {
    this.#read.delete(key);
    this.#inForce.delete(key);
    this.#invalid.delete(key);
  }

  #showCounts(refused: readonly string[]): void {
    const { meters, logger } = this.#options;
    meters.inForce.set(this.#inForce.size);
    meters.invalid.set(this.#invalid.size);
    meters.refused.set(refused.length);
    if (refused.length > this.#refusedCount) {
      logger.error({ count: refused.length, objects: refused.slice(0, TOLD_FAULTS) }, "too many PrometheusRules");
    }
    this.#refusedCount = refused.length;
  }

  #showStates(): void {
    const { followed, kindUnknown } = this.#options.meters;
    const { states } = this.#followed;
    followed.set(states.every((state) => state === "followed") ? 1 : 0);
    kindUnknown.set(states.includes("unknown-kind") ? 1 : 0);
  }
}
