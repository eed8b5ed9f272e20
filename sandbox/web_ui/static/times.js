// Times that depend on who looks and when: “in 5 minutes”, and moments in the zone of this browser.

import { onChange } from "./live.js";

const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

export function start() {
  setInterval(() => tell(document), 10_000);
  tell(document);
  onChange((element) => {
    if (element?.querySelectorAll) tell(element);
  });
}

function tell(within) {
  for (const ago of within.querySelectorAll("time [data-ago]")) {
    const seconds = (Date.parse(ago.closest("time").dateTime) - Date.now()) / 1000;
    const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? STEPS.at(-1);
    const said = words.format(Math.trunc(seconds / size), unit);
    if (ago.textContent !== said) ago.textContent = said;
  }
}

// Fills the date and time controls of a form from the seconds that they hold.
export function local(form) {
  for (const control of form.querySelectorAll("input[data-seconds]")) {
    const at = new Date(Number(control.dataset.seconds) * 1000);
    control.value = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }
}
