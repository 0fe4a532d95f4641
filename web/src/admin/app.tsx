import { useEffect, useMemo, useState } from "preact/hooks";

import { Api, ApiError } from "../lib/api";
import { forgetLogin, storedLogin, type Login } from "../lib/login";
import { repeat } from "../lib/repeat";
import { fetchServerStats, type ServerStats } from "../lib/server_api";
import type { Server } from "../lib/urls";
import { ConfigPage } from "./config_page";
import { ServerHistory } from "./history";
import { ConsoleProvider } from "./hooks";
import { LogPage } from "./log_page";
import { LoginForm } from "./login_form";
import { Overview } from "./overview";
import { useRoute, type Route } from "./route";
import { SessionsPage } from "./sessions_page";
import { Shell } from "./shell";
import { StreamForm } from "./stream_form";
import { StreamPage } from "./stream_page";
import { StreamsPage } from "./streams_page";

const kPollMs = 2_000;

function Page({ route, stats }: { route: Route; stats: ServerStats | undefined }) {
  const [name, action] = route.rest;
  switch (route.page) {
    case "streams":
      if (name === undefined) return <StreamsPage route={route} />;
      return action === "edit" ? <StreamForm key={name} name={name} /> : <StreamPage key={name} name={name} />;
    case "new":
      return <StreamForm name={undefined} />;
    case "sessions":
      return <SessionsPage route={route} />;
    case "log":
      return <LogPage route={route} />;
    case "config":
      return <ConfigPage />;
    default:
      return <Overview stats={stats} />;
  }
}

/// The console for somebody who may see it.
function Inside({ server, login, onDenied, onLeave }: { server: Server; login: Login | undefined; onDenied(): void; onLeave(): void }) {
  const route = useRoute();
  const [reachable, setReachable] = useState(true);
  const [stats, setStats] = useState<ServerStats>();
  const inside = useMemo(
    () => ({ api: new Api(login, setReachable), server, history: new ServerHistory() }),
    [login],
  );
  useEffect(
    () =>
      repeat(async (signal) => {
        try {
          const now = await fetchServerStats(inside.api, signal);
          inside.history.add(Date.now(), now);
          if (!signal.aborted) setStats(now);
        } catch (error) {
          if (error instanceof ApiError && error.denied && !signal.aborted) onDenied();
        }
      }, kPollMs),
    [inside],
  );
  return (
    <ConsoleProvider value={inside}>
      <Shell route={route} user={login?.user} reachable={reachable} hostname={stats?.hostname ?? ""} onLeave={onLeave}>
        <Page route={route} stats={stats} />
      </Shell>
    </ConsoleProvider>
  );
}

export function App({ server }: { server: Server }) {
  const [login, setLogin] = useState(storedLogin);
  const [asks, setAsks] = useState(server.login && login === undefined);
  const [reason, setReason] = useState("");
  if (asks) {
    const enter = (next: Login) => {
      setLogin(next);
      setAsks(false);
    };
    return <LoginForm reason={reason} onLogin={enter} />;
  }
  const leave = (why: string) => {
    forgetLogin();
    setLogin(undefined);
    setReason(why);
    setAsks(true);
  };
  const expired = login === undefined ? "This server now wants a login." : "The server no longer takes this login. Sign in again.";
  return <Inside server={server} login={login} onDenied={() => leave(expired)} onLeave={() => leave("")} />;
}
