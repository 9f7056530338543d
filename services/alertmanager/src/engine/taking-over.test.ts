import { describe, expect, test } from "vitest";
import { CoreFixture } from "./core-fixture.ts";
import { configOf, type RouteInput } from "./routing-fixture.ts";

describe("taking over", () => {
  /** Another replica takes over at a second, after the first was killed. */
  const takeOver = async (first: CoreFixture, second: number, route: RouteInput = {}): Promise<CoreFixture> => {
    await first.until(second);
    await first.kill();
    return CoreFixture.start(configOf(route), { shared: first });
  };

  test("what was told is not told again, and groups keep their rhythm", async () => {
    const first = await CoreFixture.start(configOf({}));
    await first.fire("A");
    const second = await takeOver(first, 30);
    await second.fire("B");
    expect(await second.until(69)).toEqual([]);
    expect(await second.until(700)).toEqual(["70 default/webhook new alerts added: A B"]);
  });

  test("a group of which nobody was told waits for the rest of group_wait", async () => {
    const first = await CoreFixture.start(configOf({}));
    await first.until(2);
    await first.fire("A");
    const second = await takeOver(first, 8);
    expect(await second.until(100)).toEqual(["12 default/webhook first notification: A"]);
  });

  test("a flush that fell between two replicas is made up for", async () => {
    const first = await CoreFixture.start(configOf({}));
    await first.fire("A");
    await first.until(20);
    await first.fire("B");
    await first.until(69);
    await first.kill();
    await first.clock.advance(6000);
    const second = await CoreFixture.start(configOf({}), { shared: first });
    expect(await second.until(129)).toEqual(["75 default/webhook new alerts added: A B"]);
    await second.fire("C");
    expect(await second.until(135)).toEqual(["130 default/webhook new alerts added: A B C"]);
  });

  test("what resolved while nobody dispatched is told", async () => {
    const first = await CoreFixture.start(configOf({}));
    await first.fire("A", {}, { endsAtMs: first.clock.now() + 40_000 });
    await first.until(20);
    await first.kill();
    await first.clock.advance(200_000);
    const second = await CoreFixture.start(configOf({}), { shared: first });
    expect(await second.until(300)).toEqual(["250 default/webhook all alerts resolved: -A"]);
  });

  test("a group that was told to be over starts anew with group_wait", async () => {
    const first = await CoreFixture.start(configOf({}));
    await first.fire("A");
    await first.until(20);
    await first.resolve("A");
    await first.until(75);
    await first.fire("B");
    const second = await takeOver(first, 80);
    expect(await second.until(100)).toEqual(["85 default/webhook first notification: B"]);
  });

  test("a reload starts the times of groups anew and tells nothing twice", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(30);
    core.reload(configOf({}));
    await core.until(35);
    await core.fire("B");
    expect(await core.until(100)).toEqual(["90.1 default/webhook new alerts added: A B"]);
  });

  test("a reload that moves an alert to another receiver tells that one", async () => {
    const core = await CoreFixture.start(configOf({}));
    await core.fire("A");
    await core.until(30);
    core.reload(configOf({ receiver: "other" }));
    expect(await core.until(100)).toEqual(["30.1 other/webhook first notification: A"]);
  });

  test("two replicas that believe to dispatch tell once", async () => {
    const first = await CoreFixture.start(configOf({}));
    const second = await CoreFixture.start(configOf({}), { shared: first });
    await first.fire("A");
    expect(await first.until(100)).toEqual(["10 default/webhook first notification: A"]);
    await second.resolve("A");
    expect(await first.until(200)).toEqual(["130 default/webhook all alerts resolved: -A"]);
  });
});
