/// Who works with the console. Kept for as long as the browser's tab, and nowhere else.

export interface Login {
  user: string;
  /** The header of that name. */
  authorization: string;
}

const kKey = "sluice.login";

/// RFC 7617, with UTF-8.
export function basicLogin(user: string, password: string): Login {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return { user, authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
}

export function storedLogin(): Login | undefined {
  try {
    const login = JSON.parse(sessionStorage.getItem(kKey) ?? "null") as Partial<Login> | null;
    if (typeof login?.user !== "string" || typeof login.authorization !== "string") return undefined;
    return { user: login.user, authorization: login.authorization };
  } catch {
    return undefined;
  }
}

/// A browser that keeps nothing asks again after a reload.
export function keepLogin(login: Login): void {
  try {
    sessionStorage.setItem(kKey, JSON.stringify(login));
  } catch {
    return;
  }
}

export function forgetLogin(): void {
  try {
    sessionStorage.removeItem(kKey);
  } catch {
    return;
  }
}
