import { NoteIcon, OffAirIcon, PlayIcon, WarningIcon } from "./icons";
import type { Player } from "./player";
import type { PlayerState, Problem } from "./state";

/// "hvc1.1.6.L93.B0,mp4a.40.2" in words.
export function codecsInWords(codecs: string): string {
  const names: [RegExp, string][] = [
    [/\b(hvc1|hev1)\b/, "HEVC"],
    [/\bav01\b/, "AV1"],
    [/\bvp09\b/, "VP9"],
    [/\b(avc1|avc3)\b/, "H.264"],
    [/\bec-3\b/, "E-AC-3"],
    [/\bac-3\b/, "AC-3"],
  ];
  const found = names.filter(([pattern]) => pattern.test(codecs)).map(([, name]) => name);
  return found.length > 0 ? found.join(" and ") : "the codecs of this stream";
}

export function problemText(problem: Problem | undefined): { title: string; text: string } {
  switch (problem?.kind) {
    case "denied":
      return { title: "No permission", text: "This stream is not for everyone, and this page has no pass for it." };
    case "unsupported":
      return { title: "Cannot be played here", text: `This browser does not play ${codecsInWords(problem.codecs)}.` };
    default:
      return { title: "Something is wrong with the picture", text: "The stream arrives, but this browser cannot decode it." };
  }
}

function Message({ icon, title, text, children }: { icon: preact.ComponentChildren; title: string; text: string; children?: preact.ComponentChildren }) {
  return (
    <div class="status" role="status">
      <div class="status-icon">{icon}</div>
      <div class="status-title">{title}</div>
      <div class="status-text">{text}</div>
      {children}
    </div>
  );
}

const Spinner = () => <span class="spinner" aria-hidden="true" />;

function Waiting({ text }: { text: string }) {
  return (
    <div class="status is-quiet" role="status">
      <Spinner />
      <div class="status-text">{text}</div>
    </div>
  );
}

/// What a viewer is told in the middle of the player; nothing while all is well.
export function Status({ name, player, state }: { name: string; player: Player; state: PlayerState }) {
  const { phase } = state;
  if (phase === "failed") {
    return (
      <Message icon={<WarningIcon />} {...problemText(state.problem)}>
        <button type="button" class="status-button" onClick={() => player.retry()}>
          Try again
        </button>
      </Message>
    );
  }
  if (phase === "offline") {
    return state.serverReached ? (
      <Message icon={<OffAirIcon />} title="Off air" text="It plays by itself as soon as the stream is back." />
    ) : (
      <Message icon={<OffAirIcon />} title="No connection" text="It plays by itself as soon as the server answers." />
    );
  }
  if (state.paused) {
    const label = phase === "ended" ? "Play again" : "Play";
    return (
      <button type="button" class="big-play" aria-label={label} onClick={() => player.play()}>
        <PlayIcon />
      </button>
    );
  }
  if (phase === "connecting") return <Waiting text="Connecting" />;
  if (state.stalled) return <Waiting text={phase === "reconnecting" ? "Reconnecting" : "Loading"} />;
  if (state.audioOnly) {
    return (
      <div class="status is-quiet">
        <div class="status-icon is-playing">
          <NoteIcon />
        </div>
        <div class="status-title">{name}</div>
        <div class="status-text">Audio only</div>
      </div>
    );
  }
  return null;
}
