import "./login_form.css";

import { useEffect, useRef, useState } from "preact/hooks";

import { Api, ApiError } from "../lib/api";
import { basicLogin, keepLogin, type Login } from "../lib/login";
import { fetchServerStats } from "../lib/server_api";
import { ThemeSwitch } from "../ui/theme_switch";

function whyNot(error: unknown): string {
  if (!(error instanceof ApiError)) return "The server does not answer. Try again in a moment.";
  if (error.status === 429) return "Too many failed logins. Wait a minute, then try again.";
  if (error.denied) return "User or password is wrong.";
  return error.message;
}

/// Asks who somebody is. `reason` says why it asks again.
export function LoginForm({ reason, onLogin }: { reason: string; onLogin(login: Login): void }) {
  const [problem, setProblem] = useState(reason);
  const [busy, setBusy] = useState(false);
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => user.current?.focus(), []);

  const signIn = async () => {
    const login = basicLogin(user.current?.value ?? "", password.current?.value ?? "");
    setBusy(true);
    setProblem("");
    try {
      await fetchServerStats(new Api(login));
      keepLogin(login);
      onLogin(login);
    } catch (error) {
      setProblem(whyNot(error));
      setBusy(false);
      if (error instanceof ApiError && error.denied) password.current?.select();
    }
  };

  return (
    <main class="login">
      <form
        class="card login-form"
        aria-labelledby="login-title"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <img src={new URL("../assets/mark.svg", import.meta.url).href} alt="" width="40" height="40" />
        <div>
          <h1 id="login-title">Sign in to Sluice</h1>
          <p class="note">As edit_auth or view_auth of its configuration says.</p>
        </div>
        {problem !== "" && (
          <p class="notice is-error" role="alert">
            {problem}
          </p>
        )}
        <div class="field">
          <label for="user">User</label>
          <input ref={user} id="user" class="input" name="username" autocomplete="username" autocapitalize="off" spellcheck={false} required />
        </div>
        <div class="field">
          <label for="password">Password</label>
          <input ref={password} id="password" class="input" name="password" type="password" autocomplete="current-password" required />
        </div>
        <button type="submit" class="button is-primary" disabled={busy}>
          {busy ? "Signing in" : "Sign in"}
        </button>
        <a class="note" href="/">
          To the streams, without a login
        </a>
      </form>
      <div class="login-theme">
        <ThemeSwitch />
      </div>
    </main>
  );
}
