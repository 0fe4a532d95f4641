import "./welcome.css";

import type { Server } from "../lib/urls";
import type { StreamList } from "./poll";
import { Publish } from "./publish";

/// What stands in place of a picture while nothing runs.
export function Welcome({ list, server }: { list: StreamList; server: Server }) {
  if (list.status === "loading") return <div class="welcome" aria-busy="true" />;
  if (list.status === "denied") {
    return (
      <div class="welcome">
        <h1>The list of streams is not public</h1>
        <p>This server shows it to its operators only. A stream’s own player page works without it.</p>
      </div>
    );
  }
  return (
    <div class="welcome">
      <h1>Nothing is on air yet</h1>
      <p>Send a stream to this server, and it appears here at once.</p>
      <Publish server={server} />
      <p class="note">
        For a picture without a camera, add <code>stream demo {"{ input fake://fake; }"}</code> to the configuration.
      </p>
    </div>
  );
}
