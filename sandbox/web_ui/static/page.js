// The page of the Slack stand-in. Everything is drawn by the server; this makes it move.

import { start as startComposer } from "./composer.js";
import { connect } from "./live.js";
import { start as startMessages } from "./messages.js";
import { start as startModal } from "./modal.js";
import { act } from "./server.js";
import { start as startTimes } from "./times.js";

const drawer = document.querySelector(".drawer");

drawer.addEventListener("click", () => toggle(!document.body.classList.contains("open")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") toggle(false);
});
document.querySelector("main").addEventListener("click", () => toggle(false));

function toggle(open) {
  document.body.classList.toggle("open", open);
  drawer.setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#sidebar a")?.focus();
}

document.querySelector(".panel").addEventListener("click", (event) => {
  const { break: what, heal } = event.target.closest("button")?.dataset ?? {};
  if (what) act("break", { what });
  else if (heal !== undefined) act("heal");
});

startMessages();
startComposer();
startModal();
startTimes();
connect();
if (document.body.dataset.at === "home") act("home", { channel: "" });
