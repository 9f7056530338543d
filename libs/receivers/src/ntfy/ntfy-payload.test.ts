import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { encodeDraft, type NtfyDraft } from "./ntfy-payload.ts";
import { textFromMessage } from "./ntfy-text.ts";

const DRAFT: NtfyDraft = {
  topic: "alerts",
  sequenceId: "s1",
  title: "Down",
  text: textFromMessage("web-1"),
  priority: 5,
  tags: ["rotating_light"],
  click: "http://am/",
  actions: [{ action: "view", label: "Source", url: "http://p/" }],
  icon: undefined,
  attach: undefined,
  filename: undefined,
  markdown: false,
  delay: undefined,
  email: undefined,
  call: undefined,
};

describe("ntfy payload", () => {
  test("ntfy payload - the fields as ntfy names them, without those that are not there", () => {
    expect(encodeDraft(DRAFT, 4096)).toBe(
      '{"topic":"alerts","sequence_id":"s1","title":"Down","message":"web-1","priority":5,"tags":["rotating_light"],' +
        '"click":"http://am/","actions":[{"action":"view","label":"Source","url":"http://p/"}]}',
    );
    const bare = { ...DRAFT, sequenceId: undefined, title: undefined, priority: undefined, click: undefined };
    expect(encodeDraft({ ...bare, tags: [], actions: [] }, 4096)).toBe('{"topic":"alerts","message":"web-1"}');
    const rest = { markdown: true, icon: "http://i/", attach: "http://a/", filename: "f", delay: "1m", email: "a@b" };
    expect(encodeDraft({ ...bare, ...rest, tags: [], actions: [], call: "yes" }, 4096)).toBe(
      '{"topic":"alerts","message":"web-1","icon":"http://i/","attach":"http://a/","filename":"f","markdown":true,' +
        '"delay":"1m","email":"a@b","call":"yes"}',
    );
  });

  test("ntfy payload - text that grows in JSON is cut further, buttons stay", () => {
    const body = encodeDraft({ ...DRAFT, text: textFromMessage("\u0001".repeat(4096)) }, 4096);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(8192);
    expect(Buffer.byteLength(body)).toBeGreaterThan(8000);
    expect(JSON.parse(body).actions).toHaveLength(1);
  });

  test("ntfy payload - buttons too long for the body go from the last", () => {
    const long = (label: string): NtfyDraft["actions"][number] => ({
      action: "view",
      label,
      url: `http://p/?${"x".repeat(5000)}`,
    });
    const json = JSON.parse(encodeDraft({ ...DRAFT, actions: [long("a"), long("b")] }, 4096));
    expect(json.actions.map((action: { label: string }) => action.label)).toEqual(["a"]);
    expect(json.message).toBe("web-1");
  });

  test("ntfy payload - whatever is too long, a message is left that fits", () => {
    const text = fc.string({ unit: "binary", maxLength: 20_000, minLength: 0 });
    fc.assert(
      fc.property(text, text, text, fc.constantFrom(4096, 2048, 1024), (title, message, click, limit) => {
        const body = encodeDraft({ ...DRAFT, title, click, text: textFromMessage(message) }, limit);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(2 * limit);
        expect(JSON.parse(body).topic).toBe("alerts");
        expect(Buffer.byteLength(JSON.parse(body).message)).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 60 },
    );
  });
});
