import { afterEach, describe, expect, it, vi } from "vitest";

import { basicLogin, forgetLogin, keepLogin, storedLogin } from "./login";

describe("a login", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("may have any characters", () => {
    expect(basicLogin("admin", "a:b").authorization).toBe(`Basic ${btoa("admin:a:b")}`);
    expect(basicLogin("ä", "€").authorization).toBe("Basic w6Q64oKs");
  });

  it("is kept for the tab until it is forgotten", () => {
    const items = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => items.set(key, value),
      removeItem: (key: string) => items.delete(key),
    });
    expect(storedLogin()).toBeUndefined();
    keepLogin(basicLogin("a", "b"));
    expect(storedLogin()).toEqual(basicLogin("a", "b"));
    forgetLogin();
    expect(storedLogin()).toBeUndefined();
    items.set("sluice.login", '{"user":1}');
    expect(storedLogin()).toBeUndefined();
  });

  it("is not kept where the browser keeps nothing", () => {
    expect(storedLogin()).toBeUndefined();
    keepLogin(basicLogin("a", "b"));
    forgetLogin();
  });
});
