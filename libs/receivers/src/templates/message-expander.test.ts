import { createSilentLogger } from "@monotreme/telemetry";
import { describe, expect, test } from "vitest";
import { DeliveryError } from "../delivery-error.ts";
import type { IntegrationContext } from "../integration.ts";
import { RESOLVED, sampleAlert, sampleNotification } from "../sample-notification.ts";
import { expandFreeValue } from "./expand-free-value.ts";
import { MessageExpander } from "./message-expander.ts";

/** Templates of one word: `{{ fail }}` fails, `{{ <x> }}` gives `<x>`. */
function expand(text: string): string {
  if (text.includes("{{ fail }}")) throw new Error(`broken <at> ${text}`);
  return text.replace(/\{\{ (.*?) \}\}/g, "$1");
}

function expander(failures: string[] = [], labels: Record<string, string> = {}): MessageExpander {
  const alerts = [sampleAlert({ alertname: "Down", ...labels }), sampleAlert({ alertname: "Down", b: "2" }, RESOLVED)];
  const context: IntegrationContext = {
    templates: { text: expand, html: expand },
    externalUrl: "",
    logger: createSilentLogger(),
    now: () => 0,
    onTemplateFailure: (integration) => failures.push(integration),
  };
  return new MessageExpander("slack", sampleNotification(alerts), context);
}

describe("message expander", () => {
  test("message expander - what expands is left alone", () => {
    const messages = expander();
    expect([messages.text("a", "{{ x }}"), messages.line("a", "y"), messages.value("a", "")]).toEqual(["x", "y", ""]);
    expect([messages.problems, messages.withProblems("text")]).toEqual([[], "text"]);
  });

  test("message expander - a failed text becomes the alerts in plain and the error", () => {
    const failures: string[] = [];
    expect(expander(failures, { a: "1" }).text("body", "{{ fail }}")).toBe(
      [
        "[FIRING:1] Down",
        "the template of body cannot be expanded: broken <at> {{ fail }}",
        "firing: alertname=Down, a=1",
        "resolved: alertname=Down, b=2",
      ].join("\n"),
    );
    expect(failures).toEqual(["slack"]);
  });

  test("message expander - a failed line stays one line, failed HTML is escaped", () => {
    expect(expander().line("title", "{{ fail }}")).toBe(
      "[FIRING:1] Down (the template of title cannot be expanded: broken <at> {{ fail }})",
    );
    expect(expander().html("html", "{{ fail }}")).toMatch(/^<pre>\[FIRING:1\] Down\n.*broken &lt;at&gt;/);
  });

  test("message expander - a failed value falls back and is told once, below the text", () => {
    const messages = expander();
    expect(messages.value("color", "{{ fail }}", "red")).toBe("red");
    const told = "the template of color cannot be expanded: broken <at> {{ fail }}";
    expect(messages.withProblems("text")).toBe(`text\n${told}`);
    expect(messages.withProblems("again")).toBe("again");
  });

  test("message expander - what must not be missing is final, and its template stays secret", () => {
    const messages = expander();
    expect(() => messages.required("url", "http://s3cr3t/{{ fail }}")).toThrow(DeliveryError);
    expect(messages.problems).toEqual(["the template of url cannot be expanded"]);
  });

  test("message expander - many alerts are counted in the plain text", () => {
    const alerts = Array.from({ length: 12 }, (_, i) => sampleAlert({ n: String(i) }));
    const context = { templates: { text: expand, html: expand }, externalUrl: "", logger: createSilentLogger() };
    const messages = new MessageExpander("x", sampleNotification(alerts), {
      ...context,
      now: () => 0,
      onTemplateFailure: () => undefined,
    });
    expect(messages.text("body", "{{ fail }}").split("\n").at(-1)).toBe("+2 more");
  });
});

describe("free values", () => {
  const bomb = `{{ [&a [x, x, x, x, x, x, x, x, x, x], ${"*a, ".repeat(200)}*a] }}`;
  const deep = `{{ ${"[".repeat(5000)}${"]".repeat(5000)} }}`;
  test.each([
    ["a text", "{{ word }}", "word"],
    ["a number", "{{ 12 }}", 12n],
    ["a list", "{{ [1, true, null] }}", [1n, true, null]],
    ["a mapping", "{{ a: 1 }}", new Map([["a", 1n]])],
    ["nothing", "{{  }}", null],
    ["what YAML cannot read", "{{ [unclosed }}", "[unclosed"],
    ["more aliases than anyone needs", bomb, bomb.slice(3, -3)],
    ["deeper than anyone needs", deep, deep.slice(3, -3)],
  ])("free values - %s", (_name, template, expected) => {
    expect(expandFreeValue("payload", template, expander())).toEqual(expected);
  });

  test("free values - what stands in for a failed template is text, and keys keep their names", () => {
    const messages = expander();
    const value = expandFreeValue("payload", { "{{ fail }}": "{{ fail }}" }, messages);
    expect(value).toBeInstanceOf(Map);
    const [[key, text] = []] = value instanceof Map ? [...value] : [];
    expect(key).toBe("{{ fail }}");
    expect(String(text)).toContain("[FIRING:1] Down");
  });
});
