import "./shell.css";

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { ConfigIcon, GaugeIcon, LeaveIcon, LogIcon, SessionsIcon, StreamsIcon } from "../ui/icons";
import { ThemeSwitch } from "../ui/theme_switch";
import { routeHash, type Route } from "./route";

const kPages = [
  { page: "overview", label: "Overview", Icon: GaugeIcon },
  { page: "streams", label: "Streams", Icon: StreamsIcon },
  { page: "sessions", label: "Sessions", Icon: SessionsIcon },
  { page: "log", label: "Log", Icon: LogIcon },
  { page: "config", label: "Config", Icon: ConfigIcon },
];

/// What stands around every page of the console.
export function Shell({ route, user, reachable, hostname, onLeave, children }: {
  route: Route;
  /** Who is signed in; undefined where nobody needs to. */
  user: string | undefined;
  reachable: boolean;
  hostname: string;
  onLeave(): void;
  children: ComponentChildren;
}) {
  const current = route.page === "new" ? "streams" : route.page;
  const label = kPages.find(({ page }) => page === current)?.label ?? "Overview";
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${route.rest[0] ?? label} · Sluice console`;
  }, [label, route.rest[0]]);
  useEffect(() => window.scrollTo(0, 0), [route.page, route.rest.join("/")]);

  return (
    <div class="shell">
      <a
        class="skip button"
        href="#main"
        onClick={(event) => {
          event.preventDefault(); // the address behind # is the page's
          main.current?.focus();
        }}
      >
        Skip to the page
      </a>
      <header class="side">
        <a class="brand" href="/" title="To the streams">
          <img src={new URL("../assets/mark.svg", import.meta.url).href} alt="" width="26" height="26" />
          <span>Sluice</span>
        </a>
        {hostname !== "" && <span class="side-host">{hostname}</span>}
        <nav class="side-pages" aria-label="Pages">
          {kPages.map(({ page, label: text, Icon }) => (
            <a key={page} class="side-page" href={routeHash(page)} aria-current={page === current ? "page" : undefined}>
              <Icon />
              <span>{text}</span>
            </a>
          ))}
        </nav>
        <div class="side-user">
          {user !== undefined && <span class="side-name">{user}</span>}
          <ThemeSwitch />
          {user !== undefined && (
            <button type="button" class="button is-quiet is-icon" aria-label="Sign out" title="Sign out" onClick={onLeave}>
              <LeaveIcon />
            </button>
          )}
        </div>
      </header>
      <main ref={main} class="main" id="main" tabIndex={-1}>
        {!reachable && (
          <p class="notice main-notice" role="alert">
            <span class="dot is-warning" />
            The server does not answer. What is shown is from before; trying again.
          </p>
        )}
        {children}
      </main>
    </div>
  );
}
