import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { HeartbeatFixture, KEYS, START_MS } from "../heartbeat-fixture.ts";
import { badgeSvg } from "./badge-svg.ts";

const HOSTILE_TAG = `<script>"'&/..\\%2F`;

let fixture: HeartbeatFixture;
beforeEach(async () => {
  fixture = await new HeartbeatFixture().open();
});

/** The addresses of a tag's badges, without the server's own. */
async function pathsOf(tag: string): Promise<Readonly<Record<string, string>>> {
  const { text } = await fixture.ask("/api/v3/badges/", { key: KEYS.readonlyApiKey });
  const { badges } = JSON.parse(text) as { badges: Record<string, Record<string, string>> };
  const urls = Object.entries(badges[tag] ?? {});
  return Object.fromEntries(urls.map(([name, url]) => [name, url.replace("https://beat.example.org", "")]));
}

describe("badges", () => {
  test("badges - of a tag and of all checks, with late as its own state or not", async () => {
    const { definition } = await fixture.create({ name: "a", tags: "prod", timeout: 60, grace: 60 });
    const other = await fixture.create({ name: "b", tags: "prod other" });
    const f = async (tag: string, name: string, expected: object): Promise<void> => {
      const answer = await fixture.ask((await pathsOf(tag))[name] ?? "");
      expect([answer.status, answer.value]).toEqual([200, expected]);
    };
    await fixture.ask(`/ping/${definition.id}`);
    await f("prod", "json", { status: "up", total: 2, grace: 0, down: 0 });
    fixture.nowMs = START_MS + 60_000;
    await f("prod", "json", { status: "up", total: 2, grace: 1, down: 0 });
    await f("prod", "json3", { status: "late", total: 2, grace: 1, down: 0 });
    await f("*", "shields3", { schemaVersion: 1, label: "Monotreme", message: "late", color: "important" });
    await f("other", "json3", { status: "up", total: 1, grace: 0, down: 0 });
    fixture.nowMs = START_MS + 120_000;
    await f("prod", "shields", { schemaVersion: 1, label: "prod", message: "down", color: "critical" });
    await fixture.ask(`/ping/${other.definition.id}/fail`);
    await f("*", "json", { status: "down", total: 2, grace: 0, down: 2 });
  });

  test("badges - of one check by its own key", async () => {
    const { definition, badgeKey } = await fixture.create({ name: "a", timeout: 60, grace: 60 });
    await fixture.ask(`/ping/${definition.id}`);
    fixture.nowMs = START_MS + 60_000;
    expect((await fixture.ask(`/b/2/${badgeKey}.json`)).value).toEqual({ status: "up", total: 1, grace: 1, down: 0 });
    expect((await fixture.ask(`/b/3/${badgeKey}.shields`)).value).toMatchObject({ label: "a", message: "late" });
    const svg = await fixture.ask(`/b/3/${badgeKey}.svg`);
    expect([svg.headers["content-type"], svg.headers["access-control-allow-origin"]]).toEqual(["image/svg+xml", "*"]);
    expect(svg.headers["cache-control"]).toContain("no-store");
    for (const path of [
      `/b/4/${badgeKey}.svg`,
      `/b/2/${badgeKey}.png`,
      `/b/2/${badgeKey}`,
      `/b/2/${definition.id}.svg`,
    ]) {
      expect((await fixture.ask(path)).status, path).toBe(404);
    }
  });

  test("badges - nobody makes the address of a tag from that of another", async () => {
    await fixture.create({ tags: "one two" });
    const { svg = "", svg3 = "" } = await pathsOf("one");
    const wrong = [
      svg.replace("one", "two"),
      svg.replace("/one", ""),
      svg.replace("-2", "-3"),
      svg3.replace(".svg", ".exe"),
      svg.replace(/badge\/./, "badge/"),
      "/badge/x/y/z.svg",
      "/badge/x",
    ];
    for (const path of wrong) expect((await fixture.ask(path)).status, path).toBe(404);
    expect((await fixture.ask(svg)).status).toBe(200);
  });

  test("badges - hostile tags stay text, in the address and in the picture", async () => {
    await fixture.create({ tags: HOSTILE_TAG });
    const { svg = "", shields = "" } = await pathsOf(HOSTILE_TAG);
    const picture = await fixture.ask(svg);
    expect(picture.status).toBe(200);
    expect(picture.text).not.toContain("<script");
    expect(picture.text).toContain("&lt;script&gt;&quot;&#39;&amp;/..\\%2F");
    expect((await fixture.ask(shields)).value).toMatchObject({ label: HOSTILE_TAG });
  });

  test("badges - any label leaves the markup of the picture as it is", () => {
    const shapeOf = (svg: string): string => svg.replaceAll(/>[^<]*</g, "><").replaceAll(/"[^"]*"/g, '""');
    const shape = shapeOf(badgeSvg("x", "up"));
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (label) => {
        const svg = badgeSvg(label, "up");
        expect(shapeOf(svg)).toBe(shape);
        expect(svg).not.toMatch(/&(?!(amp|lt|gt|quot|#39);)|[^\P{Cc}\n\r\t]|\p{Cs}/u);
      }),
    );
  });
});
