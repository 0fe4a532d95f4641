import "./publish.css";

import { useState } from "preact/hooks";

import { cleanName, ffmpegCommand, rtmpPublish, type PublishTarget, type Server } from "../lib/urls";
import { CopyField } from "../ui/copy_field";

/// Which of the names that the server takes: fixed, or a word of one's own behind a prefix.
function NameField({ targets, chosen, onChoose, word, onWord }: {
  targets: PublishTarget[];
  chosen: number;
  onChoose(index: number): void;
  word: string;
  onWord(word: string): void;
}) {
  const target = targets[chosen];
  return (
    <div class="field">
      <label for="publish-name">Name of the stream</label>
      <div class="name">
        {targets.length > 1 && (
          <select class="input" aria-label="Where to publish" value={chosen} onChange={(event) => onChoose(Number(event.currentTarget.value))}>
            {targets.map(({ name, isPrefix }, index) => (
              <option key={index} value={index}>
                {name}
                {isPrefix && "…"}
              </option>
            ))}
          </select>
        )}
        {targets.length === 1 && target?.isPrefix && target.name !== "" && <span class="prefix">{target.name}</span>}
        <input
          id="publish-name"
          class="input"
          type="text"
          value={target?.isPrefix ? word : target?.name}
          readOnly={!target?.isPrefix}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          onInput={(event) => {
            onWord(cleanName(event.currentTarget.value));
            event.currentTarget.value = cleanName(event.currentTarget.value);
          }}
        />
      </div>
    </div>
  );
}

/// How to bring a stream to this server. `name`: of the stream that is looked at, which may be the one to publish.
export function Publish({ server, name: shown }: { server: Server; name?: string }) {
  const [word, setWord] = useState("mine");
  const [picked, setPicked] = useState<number>();
  const own = server.publish.findIndex(({ name, isPrefix }) => !isPrefix && name === shown);
  const chosen = picked ?? Math.max(own, 0);
  const target = server.publish[chosen];
  if (server.rtmpPort === 0) return null;
  if (target === undefined) {
    return (
      <section class="card publish is-narrow" aria-labelledby="publish-title">
        <header class="card-header">
          <h2 id="publish-title">Publish a stream</h2>
        </header>
        <p class="note">This server takes no publishers. To let it, add to its configuration:</p>
        <CopyField label="sluice.conf" text="template live { prefix live; input publish://; }" long />
      </section>
    );
  }
  const name = target.isPrefix ? target.name + word : target.name;
  const obs = rtmpPublish(server, name, target.password);
  return (
    <section class="card publish is-narrow" aria-labelledby="publish-title">
      <header class="card-header">
        <h2 id="publish-title">Publish a stream</h2>
      </header>
      <NameField targets={server.publish} chosen={chosen} onChoose={setPicked} word={word} onWord={setWord} />
      {target.password && <p class="note">Write the password of the configuration in place of PASSWORD.</p>}
      <h3>OBS Studio</h3>
      <p class="note">Settings → Stream → Service “Custom…”</p>
      <CopyField label="Server" text={obs.server} />
      <CopyField label="Stream key" text={obs.key} />
      <h3>ffmpeg</h3>
      <CopyField label="Command" text={ffmpegCommand(server, name, target.password)} long />
    </section>
  );
}
