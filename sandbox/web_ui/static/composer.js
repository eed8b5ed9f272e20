// Writing: Enter sends, Shift+Enter makes a line, and after the command its words are offered.

import { act } from "./server.js";

let editing = null;

export function start() {
  document.addEventListener("keydown", keyed);
  document.addEventListener("input", typed);
  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".composer")) return;
    event.preventDefault();
    send(event.target);
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest(".words [data-word]");
    if (option) take(option.closest("form").querySelector("textarea"), option);
  });
  for (const text of document.querySelectorAll(".composer textarea")) {
    text.value = sessionStorage.getItem(keep(text)) ?? "";
    grow(text);
  }
  const first = document.querySelector(".thread .composer textarea") ?? document.querySelector(".composer textarea");
  if (matchMedia("(min-width: 720px)").matches) first?.focus({ preventScroll: true });
}

// Change a message that was sent: its words come back into the composer.
export function rewrite(about, words) {
  const text = document.querySelector(".composer textarea");
  editing = about;
  text.value = words;
  text.form.classList.add("editing");
  text.focus();
  grow(text);
}

function keep(text) {
  const { as, at } = document.body.dataset;
  return `draft ${as} ${at} ${text.form.dataset.thread}`;
}

function keyed(event) {
  const text = event.target;
  if (!text.matches?.(".composer textarea") || event.isComposing) return;
  const offered = shown(text);
  const at = offered.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    if (at >= 0) take(text, offered[at]);
    else send(text.form);
  } else if (offered.length && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    select(text, offered, at < 0 && step < 0 ? offered.length - 1 : (at + step + offered.length) % offered.length);
  } else if (offered.length && event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    take(text, offered[Math.max(at, 0)]);
  } else if (event.key === "Escape") {
    if (offered.length) hide(text);
    else if (editing) done(text);
  }
}

function typed(event) {
  const text = event.target;
  if (!text.matches?.(".composer textarea")) return;
  sessionStorage.setItem(keep(text), editing ? "" : text.value);
  grow(text);
  offer(text);
}

function grow(text) {
  text.rows = Math.min(8, text.value.split("\n").length);
}

async function send(form) {
  const text = form.querySelector("textarea");
  const words = text.value;
  if (!words.trim()) return;
  hide(text);
  const about = editing;
  done(text);
  const sent = about ? await act("edit", { ...about, text: words }) : await act("say", { text: words, thread: form.dataset.thread });
  const box = form.isConnected ? text : document.querySelector(".composer textarea");
  if (!sent && box && !box.value) box.value = words;
}

function done(text) {
  editing = null;
  text.value = "";
  text.form.classList.remove("editing");
  sessionStorage.removeItem(keep(text));
  grow(text);
}

// ---- the words of the command

function list(text) {
  return text.form.querySelector(".words");
}

function shown(text) {
  const words = list(text);
  return !words || words.hidden ? [] : [...words.children].filter((each) => !each.hidden);
}

function offer(text) {
  const words = list(text);
  if (!words) return;
  const command = text.dataset.command;
  const typing = text.value;
  const rest = typing.startsWith(`${command} `) ? typing.slice(command.length + 1) : command.startsWith(typing) ? "" : null;
  const wanted = typing.startsWith("/") && rest !== null && !/\s/.test(rest);
  let any = false;
  for (const option of words.children) {
    option.hidden = !wanted || !option.dataset.word.startsWith(rest.toLowerCase());
    any ||= !option.hidden;
  }
  words.hidden = !any;
  select(text, shown(text), -1);
}

function hide(text) {
  const words = list(text);
  if (words) words.hidden = true;
  text.removeAttribute("aria-activedescendant");
}

function select(text, offered, place) {
  for (const [each, option] of offered.entries()) option.setAttribute("aria-selected", String(each === place));
  if (place < 0) return text.removeAttribute("aria-activedescendant");
  text.setAttribute("aria-activedescendant", offered[place].id);
  offered[place].scrollIntoView({ block: "nearest" });
}

function take(text, option) {
  text.value = `${text.dataset.command} ${option.dataset.word} `;
  sessionStorage.setItem(keep(text), text.value);
  hide(text);
  text.focus();
}
