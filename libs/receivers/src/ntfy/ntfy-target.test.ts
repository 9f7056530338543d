import { describe, expect, test } from "vitest";

import { DeliveryError } from "../delivery-error.ts";
import { parseNtfyAddress, sequenceIdOf } from "./ntfy-target.ts";

describe("ntfy target", () => {
  test("ntfy target - the server's root and the topic", () => {
    const f = (address: string, server: string, topic: string, override = ""): void =>
      expect(parseNtfyAddress(address, override)).toMatchObject({ server, topic });
    f("https://ntfy.sh/alerts", "https://ntfy.sh/", "alerts");
    f("http://host:8080/alerts/", "http://host:8080/", "alerts");
    f("https://host/ntfy/alerts?x=1", "https://host/ntfy/", "alerts");
    f("https://host/alerts", "https://host/", "team-b", " team-b ");
  });

  test("ntfy target - credentials of the address become a header", () => {
    expect(parseNtfyAddress("https://u%40x:p%3A@host/t", "").authorization).toBe(
      `Basic ${Buffer.from("u@x:p:").toString("base64")}`,
    );
    const auth = Buffer.from("Bearer tk_1").toString("base64url");
    expect(parseNtfyAddress(`https://host/t?auth=${auth}`, "").authorization).toBe("Bearer tk_1");
    expect(parseNtfyAddress("https://%zz:p@host/t", "").authorization).toBe(
      `Basic ${Buffer.from("%zz:p").toString("base64")}`,
    );
    expect(parseNtfyAddress("https://u:p@host/t", "").server).toBe("https://host/");
  });

  test("ntfy target - an address that cannot be used is refused without being repeated", () => {
    const f = (address: string, override = ""): void => {
      try {
        parseNtfyAddress(address, override);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(DeliveryError);
        expect(error).toMatchObject({ isRetryable: false, reason: "clientError" });
        expect(String(error)).not.toContain("secret");
      }
    };
    f("secret");
    f("ftp://secret/t");
    f("https://secret/");
    f("https://host/a%20secret");
    f("https://u:secret@host/t", "two words");
    f(`https://host/${"t".repeat(65)}`);
  });

  test("ntfy target - sequence ids are ntfy's, steady, and differ by receiver, group and alert", () => {
    const ids = [
      sequenceIdOf("a", "hash", undefined),
      sequenceIdOf("b", "hash", undefined),
      sequenceIdOf("a", "other", undefined),
      sequenceIdOf("a", "hash", "f1"),
      sequenceIdOf("a", "hash", "f2"),
    ];
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[-_A-Za-z0-9]{20}$/);
    expect(sequenceIdOf("a", "hash", "f1")).toBe(ids[3]);
  });
});
