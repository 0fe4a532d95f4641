import "./config_page.css";

import { useEffect, useRef, useState } from "preact/hooks";

import { errorText } from "../lib/api";
import { parseProblems, problemsOf, type Problem } from "../lib/problems";
import { RestartIcon } from "../ui/icons";
import { Editor, goTo } from "./editor";
import { useConsole, useSettled } from "./hooks";

const kCheckMs = 300;

type Notice = { kind: "done" | "error"; text: string } | undefined;

/// What the server finds wrong with `text`, asked when the typing rests. `checked` is the text that the answer is about.
function useProblems(text: string | undefined): { problems: Problem[]; checked: string | undefined } {
  const { api } = useConsole();
  const settled = useSettled(text, kCheckMs);
  const [state, setState] = useState<{ problems: Problem[]; checked: string | undefined }>({ problems: [], checked: undefined });
  useEffect(() => {
    if (settled === undefined) return;
    const ended = new AbortController();
    api.json("config", { method: "POST", body: settled, signal: ended.signal }).then(
      (answer) => setState({ problems: parseProblems(answer), checked: settled }),
      (error: unknown) => {
        const found = problemsOf(error);
        if (found !== undefined && !ended.signal.aborted) setState({ problems: found, checked: settled });
      },
    );
    return () => ended.abort();
  }, [settled]);
  return state;
}

function Problems({ problems, onGo }: { problems: Problem[]; onGo(problem: Problem): void }) {
  return (
    <ul class="problems">
      {problems.map((problem, index) => (
        <li key={index}>
          <button type="button" class={`problem ${problem.warning ? "is-warning" : ""}`} onClick={() => onGo(problem)}>
            <span class="problem-place">{problem.line === undefined ? "–" : `${problem.line}:${problem.column ?? 1}`}</span>
            <span>{problem.message}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function stateText(text: string, saved: string, checked: string | undefined, problems: Problem[]): string {
  const errors = problems.filter(({ warning }) => !warning).length;
  if (checked !== text) return "Checking";
  if (errors > 0) return errors === 1 ? "1 error" : `${errors} errors`;
  return text === saved ? "In force" : "Sound, not saved yet";
}

export function ConfigPage() {
  const { api } = useConsole();
  const [saved, setSaved] = useState<string>();
  const [text, setText] = useState<string>();
  const [notice, setNotice] = useState<Notice>();
  const [changedMeanwhile, setChangedMeanwhile] = useState(false);
  const [busy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const { problems, checked } = useProblems(text);

  const load = async () => {
    setNotice(undefined);
    setChangedMeanwhile(false);
    try {
      const now = await api.text("config");
      setSaved(now);
      setText(now);
    } catch (error) {
      setNotice({ kind: "error", text: errorText(error) });
    }
  };
  useEffect(() => void load(), []);
  useEffect(() => {
    if (text === saved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [text === saved]);

  const reload = async () => {
    setBusy(true);
    try {
      await api.json("reload");
      await load();
      setNotice({ kind: "done", text: "The files were read again, and what they say is in force." });
    } catch (error) {
      setNotice({ kind: "error", text: errorText(error) });
    }
    setBusy(false);
  };

  const errors = problems.filter(({ warning }) => !warning);
  const maySave = text !== undefined && text !== saved && !(checked === text && errors.length > 0) && !busy;
  const save = async (overwrite = false) => {
    if (text === undefined || !maySave) return;
    setBusy(true);
    setNotice(undefined);
    try {
      if (!overwrite && (await api.text("config")) !== saved) {
        setChangedMeanwhile(true);
      } else {
        await api.json("config", { method: "PUT", body: text });
        setChangedMeanwhile(false);
        setSaved(text);
        setNotice({ kind: "done", text: "Saved and in force. Viewers of what did not change noticed nothing." });
      }
    } catch (error) {
      const found = problemsOf(error)?.[0];
      setNotice({ kind: "error", text: found === undefined ? errorText(error) : `Not saved: ${found.message}` });
    }
    setBusy(false);
  };

  return (
    <>
      <div class="page-title">
        <h1>Configuration</h1>
        {text !== undefined && saved !== undefined && (
          <>
            <span class={`config-state ${checked === text && errors.length > 0 ? "is-wrong" : ""}`} role="status">
              {stateText(text, saved, checked, problems)}
            </span>
            {text === saved ? (
              <button type="button" class="button" disabled={busy} title="Read the files again" onClick={() => void reload()}>
                <RestartIcon /> Reload
              </button>
            ) : (
              <button type="button" class="button" disabled={busy} onClick={() => void load()}>
                Discard
              </button>
            )}
            <button type="button" class="button is-primary" disabled={!maySave} onClick={() => void save()}>
              {busy ? "Saving" : "Save"}
            </button>
          </>
        )}
      </div>
      {notice !== undefined && (
        <p class={`notice config-notice ${notice.kind === "done" ? "is-done" : "is-error"}`} role={notice.kind === "done" ? "status" : "alert"}>
          {notice.text}
        </p>
      )}
      {changedMeanwhile && (
        <div class="notice config-notice" role="alert">
          <span>Somebody else changed the file since you opened it.</span>
          <button type="button" class="button is-small" onClick={() => void load()}>
            Load theirs
          </button>
          <button type="button" class="button is-small" onClick={() => void save(true)}>
            Save mine over it
          </button>
        </div>
      )}
      {text !== undefined && (
        <>
          <Editor
            text={text}
            problems={problems}
            readOnly={busy}
            area={area}
            onChange={(next) => {
              setText(next);
              setNotice(undefined);
            }}
            onSave={() => void save()}
          />
          <div id="config-problems" aria-live="polite">
            {problems.length > 0 && <Problems problems={problems} onGo={(problem) => goTo(area.current, problem)} />}
          </div>
        </>
      )}
    </>
  );
}
