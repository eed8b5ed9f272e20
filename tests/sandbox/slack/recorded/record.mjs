// Records how npm's `emulate` answers the calls of calls.json; README.md beside it says how to run it. Node 20.
//
// It keeps ok, error and, for each field, what stands in it: the value of a boolean and of a text that a call sent,
// of everything else only the kind, since ids and times are each program's own.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const calls = JSON.parse(readFileSync(new URL("./calls.json", import.meta.url)));
const installed = `${process.cwd()}/node_modules/emulate/`;
const { exports } = JSON.parse(readFileSync(`${installed}package.json`));
const { createEmulator } = await import(pathToFileURL(installed + exports["."].import).href);

const MAIL = "bruno@team.example";
const ALL = [
  "bookmarks:read", "bookmarks:write", "channels:history", "channels:join", "channels:manage", "channels:read",
  "channels:write", "chat:write", "files:read", "files:write", "groups:history", "groups:read", "groups:write",
  "im:history", "im:read", "im:write", "mpim:history", "mpim:read", "mpim:write", "pins:read", "pins:write",
  "reactions:read", "reactions:write", "users:read", "users:read.email",
];
const tokenOf = (scopes) => `xoxb-${scopes.join("-").replaceAll(":", ".")}`;
const tokens = { "xoxb-recorded": { login: "ana", scopes: ALL } };
for (const { scopes } of calls) if (scopes) tokens[tokenOf(scopes)] = { login: "ana", scopes };
const seed = {
  tokens,
  slack: {
    strict_scopes: true,
    team: { name: "Team", domain: "team" },
    users: [{ name: "ana", real_name: "Ana Duarte", email: "ana@team.example" }, { name: "bruno", real_name: "Bruno Keller", email: MAIL }],
    channels: [{ name: "general", topic: "" }],
    bots: [{ name: "tocsin" }],
  },
};
const sent = new Set(texts(calls.map(({ args, content }) => [args, content])));
const slack = await createEmulator({ service: "slack", port: 4973, seed });
const kept = { mail: MAIL };
const answers = {};
for (const each of calls) {
  if (each.trigger !== undefined) kept.trigger = await triggered(filled(each.trigger));
  answers[each.call] = each.upload ? await uploaded(each) : await asked(each);
}
await slack.close();
const lines = Object.entries(answers).map(([call, answer]) => `${JSON.stringify(call)}: ${JSON.stringify(answer)}`);
console.log(`{\n${lines.join(",\n")}\n}`);

async function ask(method, args, token = "xoxb-recorded") {
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${token}` };
  const response = await fetch(`${slack.url}/api/${method}`, { method: "POST", headers, body: JSON.stringify(args) });
  return response.json();
}

async function asked({ method, args = {}, keep = {}, token, scopes }) {
  const answer = await ask(method, filled(args), scopes ? tokenOf(scopes) : token);
  for (const [name, path] of Object.entries(keep)) kept[name] = path.split(".").reduce((value, part) => value?.[part], answer);
  const fields = {};
  for (const [path, mark] of marks(answer)) (fields[path] ??= new Set()).add(mark);
  const sorted = Object.keys(fields).sort().map((path) => [path, [...fields[path]].sort()]);
  return { ok: answer.ok, error: answer.error ?? null, fields: Object.fromEntries(sorted) };
}

async function uploaded({ upload, content }) {
  const response = await fetch(filled(upload), { method: "POST", body: content });
  return { ok: response.status === 200, error: null, fields: {} };
}

// As if somebody had just clicked, inside the view when there is one.
async function triggered(view) {
  const { trigger_id } = await ask("views.generateTriggerId", { user_id: kept.person, ...(view ? { view_id: view } : {}) });
  return trigger_id;
}

function filled(value) {
  if (typeof value === "string" && value.startsWith("$")) return kept[value.slice(1)];
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each)]));
  return value;
}

function* texts(value) {
  if (typeof value === "string") yield value;
  else if (value && typeof value === "object") for (const each of Object.values(value)) yield* texts(each);
}

// Each field's path and what stands in it; elements of a list share one path, and a field that is called by an id of
// an earlier answer is `$name`.
function* marks(value, before = "") {
  if (Array.isArray(value)) {
    for (const each of value) {
      if (before) yield [`${before}[]`, marked(each)];
      yield* marks(each, `${before}[]`);
    }
  } else if (value && typeof value === "object") {
    for (const [name, each] of Object.entries(value)) {
      const key = Object.entries(kept).find(([, id]) => id === name)?.[0];
      const word = key ? `$${key}` : name;
      const path = before ? `${before}.${word}` : word;
      yield [path, marked(each)];
      yield* marks(each, path);
    }
  }
}

function marked(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return value === "" || sent.has(value) ? `"${value}"` : "text";
  return typeof value === "number" ? "number" : "object";
}
