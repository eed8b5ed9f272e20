// The modal on top of this person's screen: opened, updated and closed by what the app says.

import { agreed } from "./confirm.js";
import { chosen, complete, values } from "./inputs.js";
import { onChange } from "./live.js";
import { ask, tell } from "./server.js";
import { local } from "./times.js";

const dialog = document.querySelector("dialog.modal");
let before = null;

export function start() {
  onChange((element, key, html) => {
    if (key === "modal") show(html);
  });
  dialog.addEventListener("submit", submit);
  dialog.addEventListener("click", pressed);
  dialog.addEventListener("change", changed);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("click", inHome);
  document.addEventListener("change", inHome);
  if (!form()) return;
  local(form());
  open();
}

function form() {
  return dialog.querySelector("form[data-view]");
}

// Replaces what the modal shows. In the same view, what was typed stays, as in Slack.
function show(html) {
  const old = form();
  const typed = old ? snapshot(old) : [];
  const sameView = old?.dataset.view;
  const at = document.activeElement?.dataset;
  dialog.innerHTML = html;
  const now = form();
  if (!now) return shut();
  local(now);
  if (sameView === now.dataset.view) restore(now, typed);
  if (!dialog.open) return open();
  const wrong = now.querySelector("[aria-invalid=true]");
  const again = at?.action && now.querySelector(`[data-block="${CSS.escape(at.block)}"][data-action="${CSS.escape(at.action)}"]`);
  (wrong ?? again ?? first(now))?.focus();
}

function open() {
  before = document.activeElement;
  dialog.showModal();
  first(form())?.focus();
}

function shut() {
  dialog.close();
  if (before?.isConnected) before.focus();
  else document.querySelector(".composer textarea")?.focus();
}

function first(form) {
  return form.querySelector("[autofocus]") ?? form.querySelector("input:not([type=hidden]), textarea, select") ?? form.querySelector("button");
}

function snapshot(form) {
  return [...form.elements].filter((each) => each.dataset.kind && each.dataset.dirty).map((each) => ({
    block: each.dataset.block, action: each.dataset.action, value: each.value, checked: each.checked,
    type: each.type, many: each.multiple ? [...each.selectedOptions].map((option) => option.value) : null,
  }));
}

function restore(form, typed) {
  for (const old of typed) {
    for (const each of form.elements) {
      if (each.dataset.block !== old.block || each.dataset.action !== old.action || each.type !== old.type) continue;
      if (each.type === "radio" || each.type === "checkbox") {
        if (each.value !== old.value) continue;
        each.checked = old.checked;
      } else if (old.many) {
        for (const option of each.options) option.selected = old.many.includes(option.value);
      } else {
        each.value = old.value;
      }
      each.dataset.dirty = "yes";
    }
  }
}

async function submit(event) {
  event.preventDefault();
  const sent = form();
  if (!sent || sent.getAttribute("aria-busy") || !complete(sent)) return;
  sent.setAttribute("aria-busy", "true");
  const answer = await ask("submit", { view: sent.dataset.view, values: values(sent) });
  sent.removeAttribute("aria-busy");
  if (answer.say) trouble(answer.say);
}

// What went wrong, inside the window: a modal hides everything behind it.
function trouble(words) {
  const now = form();
  if (!now) return tell(words);
  const place = now.querySelector(".trouble") ?? now.insertBefore(document.createElement("p"), now.firstChild);
  place.className = "trouble";
  place.setAttribute("role", "alert");
  place.textContent = words;
}

async function leave() {
  const now = form();
  const answer = now ? await ask("close", { view: now.dataset.view }) : { done: true };
  if (!answer.done) shut();
}

async function pressed(event) {
  const button = event.target.closest("button");
  if (event.target === dialog || button?.hasAttribute("data-close")) return leave();
  if (button?.dataset.action) await dispatch(button, button.dataset.value ?? "");
}

async function changed(event) {
  const control = event.target;
  control.dataset.dirty = "yes";
  const named = control.closest("[data-action][data-dispatch]");
  if (named) await dispatch(named, chosen(named));
}

// Controls that the app wants to hear of at once.
async function dispatch(control, value) {
  if (!(await agreed(control))) return;
  const { block, action } = control.dataset;
  const where = control.closest("[data-view]");
  const typed = where === form() ? values(where) : {};
  const answer = await ask("click", { view: where.dataset.view, block, action, value, values: typed });
  if (answer.say) trouble(answer.say);
}

async function inHome(event) {
  const control = event.target.closest(".home [data-action]");
  const isButton = control?.localName === "button";
  if (control && isButton === (event.type === "click")) await dispatch(control, isButton ? (control.dataset.value ?? "") : chosen(control));
}
