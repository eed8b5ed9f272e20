// Messages: their buttons and menus, what is done with one, and what stood on the screen.

import { agreed } from "./confirm.js";
import { chosen } from "./inputs.js";
import { onChange } from "./live.js";
import { act, address } from "./server.js";
import { rewrite } from "./composer.js";

const lists = document.querySelectorAll(".messages");

export function start() {
  document.addEventListener("click", pressed);
  document.addEventListener("change", picked);
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const open = event.target.closest?.("details.menu[open]");
    if (event.key !== "Escape" || !open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  for (const list of lists) begin(list);
  const below = document.querySelector(".below");
  if (below) point(below, below.previousElementSibling);
  watch();
}

// A conversation opens where this person left off, else at its end.
function begin(list) {
  const unread = [...list.children].find((each) => each.dataset.key > `m/${list.dataset.read}`);
  list.scrollTop = list.scrollHeight;
  if ("read" in list.dataset) unread?.scrollIntoView({ block: "start" });
}

// What came while somebody reads further up is announced, and one press away.
function point(below, list) {
  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  onChange((element) => {
    if (element === list.lastElementChild && !atEnd()) below.hidden = false;
  });
  list.addEventListener("scroll", () => {
    if (atEnd()) below.hidden = true;
  });
  below.addEventListener("click", () => {
    list.scrollTop = list.scrollHeight;
    below.hidden = true;
    document.querySelector(".composer textarea")?.focus();
  });
}

function message(element) {
  const article = element.closest(".entry")?.querySelector("article.message");
  return article ? { channel: article.dataset.channel, ts: article.dataset.ts } : null;
}

async function pressed(event) {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.goto) return seek(button.dataset.goto);
  if ("join" in button.dataset) return act("join");
  const about = message(button);
  if (!about) return;
  const { thread, shortcut, react, action, block, value } = button.dataset;
  button.closest("details.menu")?.removeAttribute("open");
  if (thread) location.assign(address(about.channel, thread));
  else if (shortcut) await act("shortcut", { ...about, shortcut });
  else if (react) await act("react", { ...about, name: react });
  else if ("dismiss" in button.dataset) await act("dismiss", about);
  else if ("delete" in button.dataset) await act("delete", about);
  else if ("edit" in button.dataset) rewrite(about, button.dataset.edit);
  else if (action) await click(button, { ...about, block, action, value });
}

async function picked(event) {
  const menu = event.target.closest("article.message [data-action]");
  const about = menu && menu.localName !== "button" ? message(menu) : null;
  if (about) await click(menu, { ...about, block: menu.dataset.block, action: menu.dataset.action, value: chosen(menu) });
}

async function click(control, what) {
  if (!(await agreed(control))) return;
  if (control.dataset.href) window.open(control.dataset.href, "_blank", "noopener");
  control.setAttribute("aria-busy", "true");
  await act("click", what);
  control.removeAttribute("aria-busy");
}

function seek(ts) {
  const article = document.querySelector(`.messages article[data-ts="${CSS.escape(ts)}"]`);
  article?.scrollIntoView({ block: "center" });
  article?.closest(".entry").classList.add("sought");
}

// What stands on the screen of a visible tab has been seen: unread marks follow from it.
function watch() {
  const seen = new Set();
  const known = new Set();
  let soon = 0;
  const send = () => {
    soon = 0;
    if (document.hidden || !seen.size) return;
    const ts = [...seen];
    seen.clear();
    act("seen", { ts });
  };
  const eyes = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      const ts = target.querySelector("article.message")?.dataset.ts;
      if (!isIntersecting || !ts || known.has(ts)) continue;
      known.add(ts);
      seen.add(ts);
    }
    soon ||= setTimeout(send, 50);
  });
  document.addEventListener("visibilitychange", send);
  for (const entry of document.querySelectorAll(".entry")) eyes.observe(entry);
  onChange((element) => {
    if (element.matches(".entry")) eyes.observe(element);
  });
}
