// Records how npm's `emulate` answers the calls of calls.json, for a comparison with our stand-in. Node 20:
//
//     mkdir /tmp/record && cd /tmp/record && npm init -y && npm install emulate@0.11.2
//     node PATH/tests/sandbox/recorded/record.mjs > PATH/tests/sandbox/recorded/emulate.json
//
// It keeps ok, error and the names of the fields, not the values: those are each program's own.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const calls = JSON.parse(readFileSync(new URL("./calls.json", import.meta.url)));
const installed = `${process.cwd()}/node_modules/emulate/`;
const { exports } = JSON.parse(readFileSync(`${installed}package.json`));
const { createEmulator } = await import(pathToFileURL(installed + exports["."].import).href);

const MAIL = "bruno@team.example";
const seed = {
  tokens: { "xoxb-recorded": { login: "ana", scopes: [] } },
  slack: {
    team: { name: "Team", domain: "team" },
    users: [{ name: "ana", real_name: "Ana Duarte", email: "ana@team.example" }, { name: "bruno", real_name: "Bruno Keller", email: MAIL }],
    channels: [{ name: "general", topic: "" }],
    bots: [{ name: "tocsin" }],
  },
};
const slack = await createEmulator({ service: "slack", port: 4973, seed });
const kept = { mail: MAIL };
const answers = {};
for (const { call, method, args = {}, keep = {}, token = "xoxb-recorded" } of calls) {
  const response = await fetch(`${slack.url}/api/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify(filled(args)),
  });
  const answer = await response.json();
  for (const [name, path] of Object.entries(keep)) kept[name] = path.split(".").reduce((value, part) => value?.[part], answer);
  answers[call] = { ok: answer.ok, error: answer.error ?? null, fields: [...new Set(paths(answer))].sort() };
}
await slack.close();
console.log(JSON.stringify(answers, null, 1));

function filled(value) {
  if (typeof value === "string" && value.startsWith("$")) return kept[value.slice(1)];
  if (Array.isArray(value)) return value.map(filled);
  if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each)]));
  return value;
}

// The names of the fields as paths; elements of a list share one.
function* paths(value, before = "") {
  if (Array.isArray(value)) for (const each of value) yield* paths(each, `${before}[]`);
  else if (value && typeof value === "object") {
    for (const [name, each] of Object.entries(value)) {
      const path = before ? `${before}.${name}` : name;
      yield path;
      yield* paths(each, path);
    }
  }
}
