import "./stream_form.css";

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { errorText, step } from "../lib/api";
import { isObject } from "../lib/json";
import { problemsOf, type Problem } from "../lib/problems";
import { fetchStreams, kStreams } from "../lib/stream_api";
import { BackIcon, CrossIcon, DownIcon, PlusIcon, UpIcon } from "../ui/icons";
import { useConsole } from "./hooks";
import { routeHash } from "./route";
import { changesOf, formOf, kNewStream, type StreamFields } from "./stream_fields";

/// The problems of one value, below its field.
function Errors({ id, problems }: { id: string; problems: Problem[] }) {
  if (problems.length === 0) return null;
  return (
    <p id={id} class="field-error" role="alert">
      {problems.map(({ message }) => message).join("; ")}
    </p>
  );
}

function Field({ id, label, hint, problems, children }: { id: string; label: string; hint?: string; problems: Problem[]; children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint !== undefined && <span class="field-hint">{hint}</span>}
      <Errors id={`${id}-error`} problems={problems} />
    </div>
  );
}

const at = (problems: Problem[], pointer: string) => problems.filter((problem) => problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`));

function InputFields({ inputs, problems, onChange }: { inputs: string[]; problems: Problem[]; onChange(inputs: string[]): void }) {
  const swap = (index: number, other: number) => {
    const next = [...inputs];
    [next[index], next[other]] = [next[other] ?? "", next[index] ?? ""];
    onChange(next);
  };
  return (
    <fieldset class="field inputs-field">
      <legend class="field-label">Inputs</legend>
      {inputs.map((url, index) => (
        <div key={index} class="input-field">
          <input
            class="input is-mono"
            aria-label={`Input ${index + 1}`}
            aria-invalid={at(problems, `/inputs/${index}`).length > 0}
            value={url}
            placeholder={index === 0 ? "publish://" : "Used while those above do not work"}
            spellcheck={false}
            onInput={(event) => onChange(inputs.map((old, i) => (i === index ? event.currentTarget.value : old)))}
          />
          <button type="button" class="button is-quiet is-icon" aria-label={`Move input ${index + 1} up`} disabled={index === 0} onClick={() => swap(index, index - 1)}>
            <UpIcon />
          </button>
          <button type="button" class="button is-quiet is-icon" aria-label={`Move input ${index + 1} down`} disabled={index === inputs.length - 1} onClick={() => swap(index, index + 1)}>
            <DownIcon />
          </button>
          <button type="button" class="button is-quiet is-icon" aria-label={`Remove input ${index + 1}`} onClick={() => onChange(inputs.filter((_, i) => i !== index))}>
            <CrossIcon />
          </button>
          <Errors id={`input-${index}-error`} problems={at(problems, `/inputs/${index}`)} />
        </div>
      ))}
      <button type="button" class="button is-small" onClick={() => onChange([...inputs, ""])}>
        <PlusIcon /> Add an input
      </button>
      <span class="field-hint">The first that works feeds the stream. publish:// takes a publisher, fake://fake makes a test picture.</span>
      <Errors id="inputs-error" problems={problems.filter(({ pointer }) => pointer === "/inputs")} />
    </fieldset>
  );
}

function Check({ label, hint, checked, onChange }: { label: string; hint: string; checked: boolean; onChange(checked: boolean): void }) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        <span class="field-label">{label}</span>
        <span class="field-hint">{hint}</span>
      </span>
    </label>
  );
}

/// Loads what the configuration says of the stream; undefined while on its way.
function useSaved(name: string | undefined): { saved: StreamFields | undefined; problem: string } {
  const { api } = useConsole();
  const [saved, setSaved] = useState(name === undefined ? kNewStream : undefined);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (name === undefined) return;
    const ended = new AbortController();
    api.json(`streams/${step(name)}`, { signal: ended.signal }).then(
      (stream) => setSaved(formOf(stream)),
      (error: unknown) => ended.signal.aborted || setProblem(errorText(error)),
    );
    return () => ended.abort();
  }, [name]);
  return { saved, problem };
}

export function StreamForm({ name }: { name: string | undefined }) {
  const { saved, problem } = useSaved(name);
  return (
    <>
      <div class="page-title">
        <a class="button is-quiet is-icon" href={name === undefined ? routeHash("streams") : routeHash("streams", [name])} aria-label="Back" title="Back">
          <BackIcon />
        </a>
        <h1>{name === undefined ? "New stream" : `Edit ${name}`}</h1>
      </div>
      {problem !== "" && (
        <p class="notice is-error" role="alert">
          {problem}
        </p>
      )}
      {saved !== undefined && <Form saved={saved} isNew={name === undefined} />}
    </>
  );
}

function Form({ saved, isNew }: { saved: StreamFields; isNew: boolean }) {
  const { api } = useConsole();
  const [fields, setFields] = useState(saved);
  const [problems, setProblems] = useState<Problem[]>([]);
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (change: Partial<StreamFields>) => setFields({ ...fields, ...change });
  const text = (key: "name" | "title" | "password" | "segmentDuration" | "segmentCount", pointer: string) => ({
    id: key,
    class: "input",
    value: fields[key],
    autocomplete: "off",
    "aria-invalid": at(problems, pointer).length > 0,
    "aria-describedby": `${key}-error`,
    onInput: (event: Event) => set({ [key]: (event.currentTarget as HTMLInputElement).value }),
  });

  const save = async () => {
    setBusy(true);
    setFailure("");
    setProblems([]);
    try {
      const path = `streams/${step(fields.name)}`;
      if (isNew && (await isTaken())) {
        setProblems([{ message: "There is a stream of this name already", pointer: "/name", warning: false }]);
        setBusy(false);
        return;
      }
      const answer = await api.json(path, { method: "PUT", body: changesOf(saved, fields) });
      if (isObject(answer)) location.hash = routeHash("streams", [fields.name]);
    } catch (error) {
      const found = problemsOf(error);
      if (found === undefined) setFailure(errorText(error));
      else setProblems(found);
      setBusy(false);
    }
  };
  /// A PUT to a name that is taken would change that stream.
  const isTaken = async (): Promise<boolean> => (await fetchStreams(api, kStreams, { name: fields.name, select: "name" })).streams.length > 0;

  const known = ["/name", "/title", "/inputs", "/password", "/segment_duration", "/segment_count"];
  const others = problems.filter(({ pointer }) => !known.some((start) => pointer === start || pointer.startsWith(`${start}/`)));
  return (
    <form
      class="card stream-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {(failure !== "" || others.length > 0) && (
        <p class="notice is-error" role="alert">
          {failure || others.map(({ message }) => message).join("; ")}
        </p>
      )}
      {isNew && (
        <Field id="name" label="Name" hint="Part of its addresses, as in studio/main. Letters, digits, and - _ . /" problems={at(problems, "/name")}>
          <input {...text("name", "/name")} class="input is-mono" required spellcheck={false} autocapitalize="off" />
        </Field>
      )}
      <Field id="title" label="Title" hint="What people read in lists" problems={at(problems, "/title")}>
        <input {...text("title", "/title")} />
      </Field>
      <InputFields inputs={fields.inputs} problems={problems} onChange={(inputs) => set({ inputs })} />
      <Field id="password" label="Password for publishers" hint={saved.password === "" ? "Empty: anybody may publish" : "Empty: from now on anybody may publish"} problems={at(problems, "/password")}>
        <input {...text("password", "/password")} />
      </Field>
      <div class="form-row">
        <Field id="segmentDuration" label="Segment duration, ms" hint="Empty: the default" problems={at(problems, "/segment_duration")}>
          <input {...text("segmentDuration", "/segment_duration")} inputMode="numeric" pattern="[0-9]*" />
        </Field>
        <Field id="segmentCount" label="Segments in a playlist" hint="Empty: the default" problems={at(problems, "/segment_count")}>
          <input {...text("segmentCount", "/segment_count")} inputMode="numeric" pattern="[0-9]*" />
        </Field>
      </div>
      <Check label="Always on" hint="It runs whether somebody watches or not" checked={fields.isStatic} onChange={(isStatic) => set({ isStatic })} />
      <Check label="Disabled" hint="It stays in the configuration, and nothing runs" checked={fields.disabled} onChange={(disabled) => set({ disabled })} />
      <footer class="form-foot">
        <span class="note">More can be said in the <a href={routeHash("config")}>configuration</a>.</span>
        <button type="submit" class="button is-primary" disabled={busy}>
          {busy ? "Saving" : isNew ? "Create" : "Save"}
        </button>
      </footer>
    </form>
  );
}
