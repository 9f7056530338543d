import { expect, test } from "vitest";
import { endsSoonAlert } from "./ends-soon-alert.ts";
import { SilenceFixture } from "./silence-fixture.ts";

test("ends-soon alert - says which silence ends when, and ends with it", () => {
  const fixture = new SilenceFixture();
  const silence = {
    ...fixture.request({
      matchers: [
        { name: "a", value: '1"', isRegex: false, isEqual: true },
        { name: "b", value: "x", isRegex: false, isEqual: false },
        { name: "c", value: "y", isRegex: true, isEqual: true },
        { name: "d", value: "z", isRegex: true, isEqual: false },
      ],
      createdBy: "",
    }),
    id: "some-id",
    updatedAtMs: fixture.nowMs,
  };
  expect(endsSoonAlert(silence, "http://am", fixture.nowMs)).toMatchObject({
    labels: { alertname: "SilenceEndsSoon", created_by: "unknown", silence: "some-id" },
    annotations: {
      summary: 'The silence of a="1\\"", b!="x", c=~"y", d!~"z" ends at 2026-01-01T01:00:00.000Z',
      description: "maintenance",
    },
    endsAtMs: silence.endsAtMs,
    generatorUrl: "http://am/#/silences/some-id",
    isTimeout: false,
  });
});
