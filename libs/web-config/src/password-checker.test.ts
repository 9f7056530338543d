import { describe, expect, test } from "vitest";
import { PasswordChecker } from "./password-checker.ts";

const HASH = `$2y$04$${"h".repeat(53)}`;
const COSTLY_HASH = `$2y$12$${"i".repeat(53)}`;
const USERS = new Map([
  ["alice", HASH],
  ["bob", COSTLY_HASH],
]);

/** Compares when it is told to; a password is right when it is `right`. */
function heldComparisons() {
  const compared: { readonly password: string; readonly hash: string }[] = [];
  const waiting: (() => void)[] = [];
  return {
    compared,
    compare: async (password: string, hash: string): Promise<boolean> => {
      compared.push({ password, hash });
      await new Promise<void>((resolve) => waiting.push(resolve));
      if (password === "breaks") throw new Error("broken");
      return password === "right";
    },
    release: async (): Promise<void> => {
      waiting.shift()?.();
      for (let i = 0; i < 10; i++) await Promise.resolve();
    },
  };
}

function instantChecker() {
  let comparisons = 0;
  const checker = new PasswordChecker({
    compare: async (password) => {
      comparisons++;
      return password === "right";
    },
  });
  return { checker, comparisons: () => comparisons };
}

describe("password checker", () => {
  test("right is granted, wrong and unknown are denied, each compared once", async () => {
    const { checker, comparisons } = instantChecker();
    for (let i = 0; i < 3; i++) {
      expect(await checker.check("alice", "right", USERS)).toBe("granted");
      expect(await checker.check("alice", "wrong", USERS)).toBe("denied");
      expect(await checker.check("nobody", "right", USERS)).toBe("denied");
    }
    expect(comparisons()).toBe(3);
  });

  test("a name that does not exist costs a comparison of the highest cost", async () => {
    const held = heldComparisons();
    const checker = new PasswordChecker(held);
    void checker.check("nobody", "x", USERS);
    await held.release();
    expect(held.compared[0]?.hash).toMatch(/^\$2b\$12\$[./A-Za-z0-9]{53}$/);
  });

  test("a new hash of a user voids what was remembered", async () => {
    const { checker, comparisons } = instantChecker();
    expect(await checker.check("alice", "right", USERS)).toBe("granted");
    await checker.check("alice", "right", new Map([["alice", COSTLY_HASH]]));
    expect(comparisons()).toBe(2);
    expect(checker.check("alice", "right", new Map([["bob", HASH]]))).toBeInstanceOf(Promise);
  });

  test("a name's end and a password's start are not mixed up", async () => {
    const { checker, comparisons } = instantChecker();
    const users = new Map([
      ["a", HASH],
      ["ab", HASH],
    ]);
    await checker.check("a", "bc", users);
    await checker.check("ab", "c", users);
    expect(comparisons()).toBe(2);
  });

  test("comparisons run one at a time, equal ones once, and too many are told to come back", async () => {
    const held = heldComparisons();
    const checker = new PasswordChecker({ compare: held.compare, maxWaiting: 2 });
    const first = checker.check("alice", "right", USERS);
    const same = checker.check("alice", "right", USERS);
    const second = checker.check("alice", "wrong", USERS);
    expect(checker.check("bob", "other", USERS)).toBe("busy");
    await Promise.resolve();
    expect(held.compared).toHaveLength(1);
    await held.release();
    expect(await Promise.all([first, same])).toEqual(["granted", "granted"]);
    expect(held.compared).toHaveLength(2);
    await held.release();
    expect(await second).toBe("denied");
  });

  test("what is remembered is answered while others wait", async () => {
    const held = heldComparisons();
    const checker = new PasswordChecker({ compare: held.compare, maxWaiting: 1 });
    const right = checker.check("alice", "right", USERS);
    await Promise.resolve();
    await held.release();
    expect(await right).toBe("granted");
    void checker.check("alice", "wrong", USERS);
    expect(checker.check("alice", "right", USERS)).toBe("granted");
    expect(checker.check("alice", "another", USERS)).toBe("busy");
  });

  test("many wrong passwords do not push out a right one", async () => {
    const { checker, comparisons } = instantChecker();
    await checker.check("alice", "right", USERS);
    for (let i = 0; i < 3000; i++) await checker.check("alice", `wrong ${i}`, USERS);
    expect(checker.check("alice", "right", USERS)).toBe("granted");
    expect(comparisons()).toBe(3001);
  });

  test("a comparison that fails grants nothing and is not remembered", async () => {
    const held = heldComparisons();
    const checker = new PasswordChecker(held);
    for (let i = 0; i < 2; i++) {
      const result = checker.check("alice", "breaks", USERS);
      await Promise.resolve();
      await held.release();
      expect(await result).toBe("busy");
    }
    expect(held.compared).toHaveLength(2);
  });
});
