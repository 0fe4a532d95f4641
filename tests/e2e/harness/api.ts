import type { Server } from "./server";

/// JSON as it comes; the tests say what they expect of it.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface ApiAnswer {
  status: number;
  json: Json;
}

const kBase = "/streamer/api/v3";

/// One request to the API, with a JSON body where `body` is given, or a text.
export async function api(server: Server, method: string, path: string, body?: unknown, base = kBase): Promise<ApiAnswer> {
  const type = typeof body === "string" ? "text/plain" : "application/json";
  const answer = await server.get(`${base}/${path}`, {
    method,
    ...(body === undefined ? {} : { body: type === "text/plain" ? (body as string) : JSON.stringify(body), headers: { "Content-Type": type } }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === "" ? undefined : JSON.parse(text) };
}

/// The same where only one status will do.
export async function mustApi(server: Server, method: string, path: string, body?: unknown, base?: string): Promise<Json> {
  const answer = await api(server, method, path, body, base);
  if (answer.status > 204) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
  return answer.json;
}
