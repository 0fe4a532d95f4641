import "./publish.css";

import { useState } from "preact/hooks";

import { cleanName, ffmpegCommand, rtmpServer, type Server } from "../lib/urls";
import { CopyField } from "./copy_field";

/// How to bring a stream to this server.
export function Publish({ server }: { server: Server }) {
  const [name, setName] = useState("my-stream");
  if (server.rtmpPort === 0) return null;
  return (
    <section class="card publish" aria-labelledby="publish-title">
      <header class="card-header">
        <h2 id="publish-title">Publish a stream</h2>
      </header>
      <label class="field">
        <span>Name of the stream</span>
        <input
          type="text"
          value={name}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          onInput={(event) => {
            setName(cleanName(event.currentTarget.value));
            event.currentTarget.value = cleanName(event.currentTarget.value);
          }}
        />
      </label>
      <h3>OBS Studio</h3>
      <p class="how">Settings → Stream → Service “Custom…”</p>
      <CopyField label="Server" text={rtmpServer(server)} />
      <CopyField label="Stream key" text={name} />
      <h3>ffmpeg</h3>
      <CopyField label="Command" text={ffmpegCommand(server, name)} long />
    </section>
  );
}
