// The page as it changes: each piece has a key and a mark, and only pieces with another mark are replaced.

import { address } from "./server.js";

const away = document.querySelector(".away");
const waiting = [];
let state = document.body.dataset.state;
let source = null;

// `heard(element, key)` is called for each piece after it was replaced.
export function onChange(heard) {
  waiting.push(heard);
}

export function connect() {
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// A hidden tab lets go: a browser has six connections for an address, and coming back loses nothing.
function close() {
  source?.close();
  source = null;
}

function open() {
  if (source || document.hidden) return;
  const { as, at, thread } = document.body.dataset;
  source = new EventSource(`/live?${new URLSearchParams({ as, at, thread, since: state })}`);
  source.onopen = () => {
    away.hidden = true;
  };
  source.onerror = () => {
    away.hidden = false;
    if (source?.readyState === EventSource.CLOSED) {
      close();
      setTimeout(open, 1000);
    }
  };
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    const run = state.split("-")[0];
    state = event.lastEventId || state;
    if (news.leave || (news.run && news.run !== run)) location.assign(address(news.leave ? "" : document.body.dataset.at));
    else apply(news);
  };
}

function apply(news) {
  const keys = new Set(news.changed.map(([key]) => key));
  const gone = news.whole
    ? [...document.querySelectorAll(".entry[data-key]")].filter((each) => !keys.has(each.dataset.key))
    : news.gone.map(find).filter(Boolean);
  for (const element of gone) if (element.matches(".entry")) element.remove();
  for (const [key, mark, html] of news.changed) {
    const element = find(key) ?? added(key);
    if (element && element.dataset.mark !== mark) replace(element, key, mark, html);
  }
}

function find(key) {
  return document.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

function added(key) {
  const list = document.querySelector(`[data-list="${key.split("/")[0]}"]`);
  if (!list) return null;
  const entry = document.createElement("div");
  entry.className = "entry";
  entry.dataset.key = key;
  const later = [...list.children].find((each) => each.dataset.key > key);
  list.insertBefore(entry, later ?? null);
  return entry;
}

function replace(element, key, mark, html) {
  const list = element.closest(".messages");
  const atEnd = list && list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const back = focused(element);
  const opened = new Set([...element.querySelectorAll("details")].map((each) => each.className + each.open));
  element.dataset.mark = mark;
  if (key !== "modal" && !draft(element)) {
    element.innerHTML = html;
    for (const each of element.querySelectorAll("details")) {
      if (opened.has(`${each.className}true`)) each.open = true;
      else if (opened.has(`${each.className}false`)) each.open = false;
    }
  }
  back?.();
  for (const heard of waiting) heard(element, key, html);
  if (atEnd) list.scrollTop = list.scrollHeight;
}

// A composer in which somebody writes stays as it is while it still is a composer.
function draft(element) {
  const text = element.querySelector("textarea");
  return element.matches(".writing") && text !== null && text.value !== "";
}

// How to give the focus back to the same control after its piece was replaced.
function focused(element) {
  const now = document.activeElement;
  if (!now || now === element || !element.contains(now)) return null;
  const same = ["data-action", "data-block", "data-value", "data-thread", "href", "data-react", "data-shortcut"]
    .filter((name) => now.hasAttribute(name))
    .map((name) => `[${name}="${CSS.escape(now.getAttribute(name))}"]`)
    .join("");
  return () => element.querySelector(now.localName + same)?.focus();
}
